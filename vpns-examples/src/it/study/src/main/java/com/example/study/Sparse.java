package com.example.study;

import ai.djl.Model;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.train.ChannelRegulariser;
import org.vpns.structured.train.DepGraphRegulariser;
import org.vpns.structured.train.Regularisers;
import org.vpns.structured.train.SparseTraining;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Trains a network towards fewer channels: norms first, then whole channels. */
final class Sparse {
  private Sparse() {}

  static void train(Model model, ImageSets images, ImageInput input) {
    ChannelRegulariser<?> norms = Regularisers.slim(1e-3);
    DepGraphRegulariser channels =
        Regularisers.depGraph(1e-3).alpha(5).rules(ChannelRules.standard().keepOutputs("conv1"));
    Length length = Length.iterations(2);
    Recipe recipe =
        Recipe.of(
                "Towards fewer channels",
                Sparsity.of(0),
                SparseTraining.of(norms).stage(length),
                SparseTraining.of(channels).stage(length))
            .input(input)
            .batchSize(16)
            .build();
    try (PrunedModel trained = Trainer.of(recipe).fit(model, images)) {
      System.out.println(trained.report().summary());
    }
  }
}
