"""What can be asked of a value: its methods, properties and elements, from closed tables."""

from fogline.aws.velocity.methods.access import call_method, element_of, property_of, set_element

__all__ = ["call_method", "element_of", "property_of", "set_element"]
