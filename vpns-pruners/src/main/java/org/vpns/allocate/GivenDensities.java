package org.vpns.allocate;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.vpns.Layout;
import org.vpns.Problem;
import org.vpns.Sparsity;

/** Densities that somebody chose, by path. */
final class GivenDensities implements LayerDensities {
  private final ImmutableMap<String, Double> densities;

  GivenDensities(Map<String, Double> densities) {
    this.densities = ImmutableMap.copyOf(densities);
    this.densities.forEach(
        (path, density) -> {
          if (!(density >= 0 && density <= 1)) {
            throw Problem.argument(
                "density out of range", path, "0 <= d <= 1", density, "pass a fraction");
          }
        });
  }

  @Override
  public double[] of(Layout layout, Sparsity sparsity) {
    Problem.given(layout, "LayerDensities.of", "layout");
    Problem.given(sparsity, "LayerDensities.of", "sparsity");
    PerPath.requireSame(layout, densities.keySet(), "densities");
    return layout.paths().stream().mapToDouble(densities::get).toArray();
  }

  @Override
  public String describe() {
    return "densities" + densities;
  }

  @Override
  public String toString() {
    return describe();
  }
}
