"""Step Functions: state machines, and the executions that live through anything."""
