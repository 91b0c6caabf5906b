"""AWS Lambda: functions, versions, layers, invocations, and the mappings that feed them."""
