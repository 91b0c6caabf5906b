"""The Amazon States Language: its expressions and rules, without input or output."""
