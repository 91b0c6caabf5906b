"""The engine: how an execution goes from state to state, and what it keeps so that it can go on after anything."""
