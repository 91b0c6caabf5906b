"""What one template may cost: it comes from a user and runs where everyone waits."""

TEMPLATE_BYTES_MAX = 300 * 1024
"""AWS's quota for a mapping template."""
NESTING_MAX = 50
"""How deeply directives, brackets, calls and interpolated texts may be nested in one another."""
NESTED_CHARACTERS_MAX = 4 * TEMPLATE_BYTES_MAX
"""How much text in double quotes may be read as templates, again and again where one stands in another."""
ITERATIONS_MAX = 1_000
"""AWS's quota for one `#foreach`: a longer one ends there, silently."""
CALLS_MAX = 20
"""How deeply macros and defined blocks may be called from one another."""
LEVELS_MAX = 80
"""How many levels of nesting all macros that are being called may have together."""
STEPS_MAX = 300_000
"""Nodes visited, elements looked at; a step is about a microsecond."""
CHARACTERS_PER_STEP = 256
"""Text is paid for by its length, so that no template fills the memory with it."""
TEXT_CHARACTERS_MAX = 10 * 1024 * 1024
"""The longest text that a template may make: AWS's quota for a payload."""
INTEGER_BITS_MAX = 4_096
TEMPLATES_CACHED_MAX = 512
LARGE_CHARACTERS_MIN = 16 * 1024
LARGE_TEMPLATES_CACHED_MAX = 16
"""Of templates from that length on fewer are kept: compiled, they take some twenty times their length."""
REGEXES_CACHED_MAX = 256
