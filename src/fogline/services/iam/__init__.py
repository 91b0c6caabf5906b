"""Identity and Access Management: kept and returned; what is allowed is not yet enforced."""
