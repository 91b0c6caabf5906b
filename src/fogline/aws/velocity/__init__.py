"""The Velocity Template Language as API Gateway runs it: bounded whatever a template says, without input or output.

It is Velocity 1.7 (names may contain dashes, `#set` takes the line end after it), with what AWS has made of it:
what is not there prints nothing, a null is equal to the empty text, a `#foreach` ends after 1,000 turns, and nothing
can be read or evaluated from outside. Unlike Velocity, macros take their arguments by value, and map literals keep
the order in which they are written.
"""

from fogline.aws.velocity.errors import InvalidTemplate, TemplateFailed
from fogline.aws.velocity.template import Template, compile_template

__all__ = ["InvalidTemplate", "Template", "TemplateFailed", "compile_template"]
