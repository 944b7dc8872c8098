package com.example.study;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.structured.score.Normaliser;
import org.vpns.structured.score.Reduction;

/** What the channels of a network for images 3 x 16 x 16 are worth, by several importances. */
final class Worth {
  private Worth() {}

  static void print(NetworkValues network, ChannelGroups groups, NDManager manager) {
    NDArray images = manager.randomUniform(0, 1, new Shape(4, 3, 16, 16));
    NDArray labels = manager.create(new long[] {0, 1, 2, 0});
    ChannelContext context = ChannelContext.of(network, groups).seed(5).images(images, labels);
    List<ChannelImportance> importances =
        List.of(
            Importances.l2(),
            Importances.l1().reduction(Reduction.MAX).normaliser(Normaliser.LAMP),
            Importances.normScale(),
            Importances.taylor(),
            Importances.fisher().normaliser(Normaliser.sentinel(0.5)),
            Importances.fpgm(),
            Importances.activation(),
            Importances.random());
    for (ChannelImportance importance : importances) {
      ChannelScores scores = importance.score(context);
      double sum = 0;
      for (ChannelUnit unit : groups.free()) {
        sum += scores.score(unit);
      }
      System.out.printf("%s: %.4f on average%n", importance.describe(), sum / groups.free().size());
    }
  }
}
