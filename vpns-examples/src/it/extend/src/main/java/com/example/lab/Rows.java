package com.example.lab;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.optim.SharedScores;

/** A score for each row of each weight: rows stay or go whole. */
record Rows(Sparsity sparsity) implements SharedScores {
  @Override
  public Gates open(ScoringContext context) {
    return new Lines(context.layout(), sparsity);
  }

  @Override
  public String describe() {
    return "rows, " + sparsity + " of them";
  }

  private record Lines(Layout layout, Sparsity sparsity) implements Gates {
    @Override
    public int count() {
      return first(layout.tensors());
    }

    /** The gate of a tensor's first row. */
    private int first(int tensor) {
      return IntStream.range(0, tensor).map(t -> (int) layout.shape(t).get(0)).sum();
    }

    @Override
    public String name(int gate) {
      int tensor = 0;
      while (first(tensor + 1) <= gate) {
        tensor++;
      }
      return layout.path(tensor) + ", row " + (gate - first(tensor));
    }

    @Override
    public float[] start(ScoringContext context) {
      double[] sums = new double[count()];
      for (int t = 0; t < layout.tensors(); t++) {
        float[] weights = context.weights(t);
        for (int i = 0; i < weights.length; i++) {
          sums[gate(t, i)] += Math.abs(weights[i]) / layout.fanIn(t);
        }
      }
      float[] scores = new float[sums.length];
      IntStream.range(0, scores.length).forEach(g -> scores[g] = (float) sums[g]);
      return scores;
    }

    private int gate(int tensor, int entry) {
      return first(tensor) + entry / (int) layout.fanIn(tensor);
    }

    @Override
    public BitSet select(float[] magnitudes) {
      BitSet open = new BitSet();
      IntStream.range(0, magnitudes.length)
          .boxed()
          .sorted((a, b) -> Float.compare(magnitudes[b], magnitudes[a])) // equal ones in order
          .limit(sparsity.keep(magnitudes.length))
          .forEach(open::set);
      return open;
    }

    @Override
    public MaskSet masks(BitSet open) {
      return MaskSet.of(
          layout, t -> Mask.of(layout.shape(t), entry -> open.get(gate(t, entry))));
    }

    @Override
    public void add(int tensor, int from, float[] products, int n, BitSet open, double[] sums) {
      for (int i = 0; i < n; i++) {
        sums[gate(tensor, from + i)] += products[i];
      }
    }
  }
}
