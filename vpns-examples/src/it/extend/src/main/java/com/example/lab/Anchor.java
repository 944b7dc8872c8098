package com.example.lab;

import java.util.LinkedHashMap;
import java.util.Map;
import org.vpns.optim.StateVisitor;
import org.vpns.train.Regulariser;

/** Holds weights near the values that the stage begins with, less and less from epoch to epoch. */
record Anchor(float strength) implements Regulariser {
  @Override
  public Term begin(Weights weights) {
    Map<String, float[]> start = new LinkedHashMap<>();
    weights.paths().forEach(path -> start.put(path, weights.get(path)));
    return new Rope(start, new float[] {strength});
  }

  @Override
  public String describe() {
    return "anchor " + strength;
  }

  private record Rope(Map<String, float[]> start, float[] pull) implements Term {
    @Override
    public void add(Gradients gradients) {
      for (String path : gradients.paths()) {
        float[] home = start.get(path);
        gradients.add(path, (i, weight) -> pull[0] * (weight - home[i]));
      }
    }

    @Override
    public void epochEnded(Weights weights) {
      pull[0] /= 2;
    }

    @Override
    public void visit(StateVisitor visitor) {
      visitor.floats("pull", pull, 0, 1);
      start.forEach((path, values) -> visitor.floats(path, values, 0, values.length));
    }
  }
}
