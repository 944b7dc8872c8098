package com.example.lab;

import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;

/** The last output stands for the first class, and so on. */
final class Backwards implements LabelMapping {
  @Override
  public LabelAssignment assign(Context context) {
    if (context.sources() < context.targets()) {
      throw new IllegalArgumentException(
          context.targets() + " classes, but " + context.sources() + " outputs");
    }
    int[][] sources = new int[context.targets()][];
    for (int t = 0; t < sources.length; t++) {
      sources[t] = new int[] {context.sources() - 1 - t};
    }
    return LabelAssignment.of(context.sources(), sources);
  }

  @Override
  public String describe() {
    return "backwards";
  }
}
