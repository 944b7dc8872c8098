package org.vpns.examples;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.predict.PrunedModel;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.train.SparseTraining;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** The code of the page on channels that trains. */
final class SparseExample {
  private SparseExample() {}

  static void train(Model model, ImageSets images) {
    // README: sparse
    Recipe recipe =
        Recipe.of("DepGraph", Sparsity.of(0), SparseTraining.depGraph().stage(Length.epochs(10)))
            .input(ImageInput.of(3, 32, 32))
            .build();
    try (PrunedModel trained = Trainer.of(recipe).fit(model, images)) {
      NetworkValues network = BlockTracer.network(model.getBlock(), new Shape(3, 32, 32));
      System.out.println(ChannelGroups.of(network.graph()));
    }
    // README: end
  }
}
