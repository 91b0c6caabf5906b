"""What the published service models leave out, one JSON file per service, laid over its model.

A patch has the form of the model itself, with a few words of our own:

- `metadata.protocols`: protocols that clients still speak though the model no longer names them;
- `metadata.errorNamespace`: what stands before `#` in the `__type` of JSON errors;
- `xmlName` at a member: its name in the query protocol and in XML, where the model is of JSON alone;
- `contentType` at a binary payload: what it is, unless empty;
- `xmlText` at a member: it is the text of its structure's element, with no element of its own;
- `jsonAsIs` at a shape: results hold its values as JSON has them (and binary as bytes), so they are not walked;
- `memberNotNull` at a list or map: AWS names that too among the constraints of its elements;
- `enum` at a shape: the values in the order in which AWS tells them; an empty one leaves them to the service;
- `error` at an error: its status and code in the query protocol.
"""
