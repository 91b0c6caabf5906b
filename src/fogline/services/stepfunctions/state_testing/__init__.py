"""One state, tested alone: what TestState is asked, how the state is run, and what is seen of it."""
