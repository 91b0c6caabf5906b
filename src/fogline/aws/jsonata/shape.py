"""From the tree as it was written to the tree as it is evaluated: dots become paths of steps."""

from __future__ import annotations

from fogline.aws.jsonata.errors import InvalidExpression
from fogline.aws.jsonata.tree import Slot, Tree


class Shaper:
    def __init__(self) -> None:
        self._labels = 0

    def shape(self, tree: Tree) -> Tree:
        shaped = self._shape(tree)
        if shaped.kind == "parent" or shaped.seeking:
            raise InvalidExpression("S0217", shaped.position)
        return shaped

    def _shape(self, tree: Tree) -> Tree:
        return _SHAPES.get(tree.kind, Shaper._leaf)(self, tree)

    # ---- paths

    def _leaf(self, tree: Tree) -> Tree:
        return tree

    def _name(self, tree: Tree) -> Tree:
        return Tree("path", tree.position, parts=[tree], keeps_array=tree.keeps_array)

    def _parent(self, tree: Tree) -> Tree:
        tree.slot = Slot(f"%{self._labels}")
        self._labels += 1
        return tree

    def _as_path(self, tree: Tree) -> Tree:
        if tree.kind == "path":
            return tree
        path = Tree("path", tree.position, parts=[tree])
        if tree.kind == "parent" and tree.slot:
            path.seeking = [tree.slot]
        return path

    def _dot(self, tree: Tree) -> Tree:
        assert tree.left is not None
        assert tree.right is not None
        path = self._as_path(self._shape(tree.left))
        rest = self._shape(tree.right)
        path.parts.extend(rest.parts if rest.kind == "path" else [rest])
        if rest.kind == "path":
            path.group = rest.group or path.group
        for step in path.parts:
            if step.kind in ("number", "value"):
                raise InvalidExpression("S0213", step.position, value=step.value)
            if step.kind == "string":
                step.kind = "name"
        path.keeps_array = any(step.keeps_array for step in path.parts)
        for step in (path.parts[0], path.parts[-1]):
            if step.kind == "array":
                step.is_constructor = True
        self._resolve(path)
        return path

    def _predicate(self, tree: Tree) -> Tree:
        assert tree.left is not None
        assert tree.right is not None
        result = self._shape(tree.left)
        step = result.parts[-1] if result.kind == "path" else result
        if step.group is not None or (result.kind == "path" and result.group is not None):
            raise InvalidExpression("S0209", tree.position)
        condition = self._shape(tree.right)
        if condition.seeking:
            for slot in condition.seeking:
                if slot.level == 1:
                    self._seek(step, slot)
                else:
                    slot.level -= 1
            self._push(step, condition)
        step.stages.append(Tree("filter", tree.position, left=condition))
        return result

    def _group(self, tree: Tree) -> Tree:
        assert tree.left is not None
        result = self._shape(tree.left)
        if result.group is not None:
            raise InvalidExpression("S0210", tree.position)
        result.group = [(self._shape(name), self._shape(value)) for name, value in tree.pairs]
        return result

    def _order(self, tree: Tree) -> Tree:
        assert tree.left is not None
        path = self._as_path(self._shape(tree.left))
        sort = Tree("sort", tree.position)
        for term, is_descending in tree.pairs:
            shaped = self._shape(term)
            self._push(sort, shaped)
            sort.pairs.append((shaped, is_descending))
        path.parts.append(sort)
        path.keeps_array |= tree.keeps_array
        self._resolve(path)
        return path

    def _focus(self, tree: Tree) -> Tree:
        assert tree.left is not None
        result = self._shape(tree.left)
        step = result.parts[-1] if result.kind == "path" else result
        if step.stages:
            raise InvalidExpression("S0215", tree.position)
        if step.kind == "sort":
            raise InvalidExpression("S0216", tree.position)
        if tree.keeps_array:
            step.keeps_array = True
            result.keeps_array = True
        step.focus = tree.value
        step.is_tuple = True
        return result

    def _index(self, tree: Tree) -> Tree:
        assert tree.left is not None
        path = self._as_path(self._shape(tree.left))
        step = path.parts[-1]
        if step.stages:
            step.stages.append(Tree("index", tree.position, tree.value))
        else:
            step.index = tree.value
        step.is_tuple = True
        if tree.keeps_array:
            step.keeps_array = True
            path.keeps_array = True
        return path

    # ---- parents

    def _push(self, tree: Tree, part: Tree) -> None:
        tree.seeking = tree.seeking + part.seeking
        if part.kind == "parent" and part.slot:
            tree.seeking = [*tree.seeking, part.slot]

    def _resolve(self, path: Tree) -> None:
        """Finds the step whose input each `%` of the last step means."""
        last = path.parts[-1]
        slots = list(last.seeking)
        if last.kind == "parent" and last.slot:
            slots.append(last.slot)
        for slot in slots:
            place = len(path.parts) - 2
            while slot.level > 0:
                if place < 0:
                    path.seeking = [*path.seeking, slot]
                    break
                step = path.parts[place]
                place -= 1
                # Steps that bind one after another share their input.
                while place >= 0 and step.focus and path.parts[place].focus:
                    step = path.parts[place]
                    place -= 1
                self._seek(step, slot)

    def _seek(self, step: Tree, slot: Slot) -> None:
        if step.kind in ("name", "wildcard"):
            slot.level -= 1
            if slot.level == 0:
                step.ancestors.append(slot)
                step.is_tuple = True
        elif step.kind == "parent":
            slot.level += 1
        elif step.kind == "block":
            if step.parts:
                step.is_tuple = True
                self._seek(step.parts[-1], slot)
        elif step.kind == "path":
            step.is_tuple = True
            for part in reversed(step.parts):
                self._seek(part, slot)
                if slot.level <= 0:
                    break
        else:
            raise InvalidExpression("S0217", step.position)

    # ---- all else

    def _binary(self, tree: Tree) -> Tree:
        if tree.value == ".":
            return self._dot(tree)
        return self._with_parts(tree)

    def _negative(self, tree: Tree) -> Tree:
        self._with_parts(tree)
        assert tree.left is not None
        if tree.left.kind == "number" and not tree.left.stages:
            tree.left.value = -tree.left.value
            return tree.left
        return tree

    def _block(self, tree: Tree) -> Tree:
        self._with_parts(tree)
        tree.is_constructor = any(
            part.is_constructor or (part.kind == "path" and part.parts[0].is_constructor)
            for part in tree.parts
        )
        return tree

    def _with_parts(self, tree: Tree) -> Tree:
        """Whatever is made of parts seeks the parents that its parts seek."""
        for name in ("left", "right", "other"):
            part = getattr(tree, name)
            if part is not None:
                shaped = self._shape(part)
                setattr(tree, name, shaped)
                self._push(tree, shaped)
        shaped_parts = [self._shape(part) for part in tree.parts]
        for shaped in shaped_parts:
            self._push(tree, shaped)
        tree.parts = shaped_parts
        shaped_pairs = [(self._shape(name), self._shape(value)) for name, value in tree.pairs]
        for pair in shaped_pairs:
            for shaped in pair:
                self._push(tree, shaped)
        tree.pairs = shaped_pairs
        return tree


_SHAPES = {
    "name": Shaper._name,
    "parent": Shaper._parent,
    "predicate": Shaper._predicate,
    "group": Shaper._group,
    "order": Shaper._order,
    "focus": Shaper._focus,
    "index": Shaper._index,
    "binary": Shaper._binary,
    "negative": Shaper._negative,
    "block": Shaper._block,
    **dict.fromkeys(
        ("array", "object", "condition", "bind", "call", "partial", "lambda", "transform"),
        Shaper._with_parts,
    ),
}
