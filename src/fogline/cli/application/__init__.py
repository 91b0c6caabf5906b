"""An application as it lies on disk: its template, its settings, its code, and the way to a running stack."""
