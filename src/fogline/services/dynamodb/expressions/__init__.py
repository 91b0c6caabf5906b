"""The expression language: text to tree to closures, once per text, then values at each evaluation."""
