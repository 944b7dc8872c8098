package org.vpns.structured.prune;

import com.google.common.primitives.Floats;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.graph.NetworkValues;
import org.vpns.optim.SharedScores;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelImportance;

/** The gates of units with the scores that they start from and what is selected by scores. */
final class UnitGates implements SharedScores.Gates {
  private final GatedUnits gated;
  private final GateMasks gates;
  private final ChannelImportance start;
  private final ChannelSelection selection;
  private final List<ChannelUnit> units;
  private final Map<ChannelUnit, Integer> numbers = new HashMap<>();

  UnitGates(
      GatedUnits gated, GateMasks gates, ChannelImportance start, ChannelSelection selection) {
    this.gated = gated;
    this.gates = gates;
    this.start = start;
    this.selection = selection;
    units = gated.groups().free();
    for (int gate = 0; gate < units.size(); gate++) {
      numbers.put(units.get(gate), gate);
    }
  }

  @Override
  public int count() {
    return units.size();
  }

  @Override
  public String name(int gate) {
    return gated.name(units.get(gate));
  }

  @Override
  public float[] start(ScoringContext context) {
    Problem.given(context, "SharedScores.Gates.start", "context");
    String warning = gated.warning();
    if (warning != null) {
      context.warn(warning);
    }
    ChannelContext channels =
        ChannelContext.of(NetworkValues.of(gated.groups().graph(), context.block()), gated.groups())
            .seed(context.random("channel-scores").nextLong())
            .images(new StartImages(context));
    ChannelScores scores =
        Problem.given(
            start.score(channels), start.describe(), "what ChannelImportance.score gives");
    return Floats.toArray(units.stream().map(scores::score).toList());
  }

  @Override
  public BitSet select(float[] magnitudes) {
    Problem.given(magnitudes, "SharedScores.Gates.select", "magnitudes");
    ChannelScores scores =
        ChannelScores.of(gated.groups(), unit -> magnitudes[numbers.getOrDefault(unit, -1)]);
    BitSet open = new BitSet(units.size());
    open.set(0, units.size());
    selection.leaving(scores).forEach(unit -> open.clear(numbers.getOrDefault(unit, -1)));
    return open;
  }

  @Override
  public MaskSet masks(BitSet open) {
    Problem.given(open, "SharedScores.Gates.masks", "open");
    return gates.masks(open);
  }

  @Override
  public MaskSet settled(MaskSet masks) {
    Problem.given(masks, "SharedScores.Gates.settled", "masks");
    return gates.settled(masks);
  }

  @Override
  public void add(int tensor, int from, float[] products, int n, BitSet open, double[] sums) {
    Problem.given(products, "SharedScores.Gates.add", "products");
    Problem.given(open, "SharedScores.Gates.add", "open");
    Problem.given(sums, "SharedScores.Gates.add", "sums");
    gates.add(tensor, from, products, n, open, sums);
  }
}
