"""The Security Token Service."""
