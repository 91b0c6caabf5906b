"""What runs when nobody calls: loops, deliveries, event sources, and what wakes them."""
