"""Event patterns: EventBridge's language, compiled once and matched without input or output.

Rules, pipes, event source mappings, buckets and topics filter with the same language and code.
"""

from fogline.aws.patterns.compile import InvalidPattern, compile_pattern
from fogline.aws.patterns.pattern import Pattern
from fogline.aws.patterns.records import record_matches

__all__ = ["InvalidPattern", "Pattern", "compile_pattern", "record_matches"]
