"""EventBridge Scheduler: invocations at a time, at a rate or by a calendar, in any time zone."""
