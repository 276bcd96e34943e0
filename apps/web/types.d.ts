// Style sheets and images as Next takes them. `next-env.d.ts`, which next writes itself, also names generated files and
// is therefore not part of the repository.
/// <reference types="next" />
/// <reference types="next/image-types/global" />

declare module "*.module.css" {
  const classes: Readonly<Record<string, string>>;
  export default classes;
}
