"""What one expression may cost: an expression comes from a user and runs where everyone waits."""

SOURCE_MAX = 100_000
"""Characters of an expression."""
NESTING_MAX = 60
"""How deeply an expression may be nested in brackets and operators of rising precedence."""
CHAIN_MAX = 200
"""Operators one after another, as in `a & b & c`."""
STEPS_MAX = 500_000
"""Items visited, elements made, functions called; a step is about a microsecond."""
PURSE_STEPS_MAX = 4 * STEPS_MAX
"""What expressions that are evaluated together may cost together: a state may hold thousands of them."""
CHARACTERS_PER_STEP = 16
"""Text is paid for by its length, so that no expression fills the memory with it."""
RESULT_NESTING_MAX = 200
CACHED_MAX = 2_000
"""Compiled expressions kept."""
REGEX_INSTRUCTIONS_MAX = 2_000
"""How much a regular expression may unfold into: `a{3}` is three of them."""
