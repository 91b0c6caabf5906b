"""JSONPath as Step Functions has it: compiled once, bounded whatever the expression says, without input or output.

What AWS answers (its texts name the library) is Jayway JsonPath in an early version. Where newer versions can do more
without contradicting it (`in`, `size`, negative indexes), that is understood too.
"""

from fogline.aws.jsonpath.compile import compile_path, compile_reference
from fogline.aws.jsonpath.path import InvalidPath, Path, PathFailed, PathNotFound, ReferencePath
from fogline.aws.jsonpath.work import Work

__all__ = [
    "InvalidPath",
    "Path",
    "PathFailed",
    "PathNotFound",
    "ReferencePath",
    "Work",
    "compile_path",
    "compile_reference",
]
