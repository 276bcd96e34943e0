import { scopesOf } from "../instances.ts";
import { type ConfigTree, type ContainerNode, containerAt, entriesOf } from "../tree.ts";

export interface LogicalUnit {
  readonly node: ContainerNode;
  /** Words of the unit: "interfaces ge-0/0/0 unit 100". */
  readonly path: string;
  /** "ge-0/0/0.100" */
  readonly name: string;
}

/** Every unit of the chassis and of the logical systems. */
export function logicalUnits(tree: ConfigTree): LogicalUnit[] {
  return scopesOf(tree)
    .filter((scope) => scope.node === scope.chassis)
    .flatMap((scope) =>
      [...entriesOf(containerAt(scope.node, "interfaces"), "<interface>")].flatMap(([name, physical]) =>
        [...entriesOf(physical, "unit")].map(([number, node]) => ({
          node,
          path: [...scope.prefix, "interfaces", name, "unit", number].join(" "),
          name: `${name}.${number}`,
        })),
      ),
    );
}
