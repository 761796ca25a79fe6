/** Keeps what was made last, up to a weight: memory on a patient's computer is not ours to fill. */
export class Cache<Key, Value> {
  private readonly kept = new Map<Key, { value: Promise<Value>; weight: number }>();

  constructor(
    private readonly most: number,
    private readonly weigh: (value: Value) => number,
  ) {}

  has(key: Key): boolean {
    return this.kept.has(key);
  }

  /** What is kept under a key; else what `make` makes. */
  get(key: Key, make: () => Promise<Value>): Promise<Value> {
    const known = this.kept.get(key);
    if (known) {
      // The last in the map is the last to go.
      this.kept.delete(key);
      this.kept.set(key, known);
      return known.value;
    }
    const entry = { value: make(), weight: 0 };
    this.kept.set(key, entry);
    entry.value.then(
      (value) => {
        entry.weight = this.weigh(value);
        this.trim();
      },
      () => this.kept.delete(key),
    );
    return entry.value;
  }

  private trim(): void {
    let weight = Array.from(this.kept.values()).reduce((sum, entry) => sum + entry.weight, 0);
    for (const [key, entry] of this.kept) {
      if (weight <= this.most || this.kept.size === 1) return;
      weight -= entry.weight;
      this.kept.delete(key);
    }
  }
}
