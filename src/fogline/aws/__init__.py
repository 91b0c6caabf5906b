"""AWS's vocabulary without input or output: calls, ARNs, errors, batches, pages, patterns."""
