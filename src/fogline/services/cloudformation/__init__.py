"""CloudFormation: stacks made from templates, changed by difference, and undone when they fail."""
