"""EventBridge: buses, rules and their targets; archives, API destinations and schedules beside them."""
