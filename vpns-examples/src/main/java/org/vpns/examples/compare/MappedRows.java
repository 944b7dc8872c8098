package org.vpns.examples.compare;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.vpns.LabelAssignment;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.MappedHead;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.mapping.Mappings;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** The control without head rows that stand for no class, which cost nothing to prune. */
final class MappedRows {
  private MappedRows() {}

  /**
   * Gives a model the network without those rows, as the recipe maps labels on the dense network.
   *
   * @param model the dense network; its block is replaced
   * @return the recipe for that network, whose outputs are the classes
   */
  static Recipe only(Recipe recipe, Model model, ImageSets splits) {
    LabelAssignment mapping = Trainer.of(recipe).findMapping(model, splits);
    Shape image =
        new Shape(recipe.input().channels(), recipe.input().height(), recipe.input().width());
    NDManager owner = model.getNDManager();
    try (NDManager scope = owner.newSubManager()) {
      MappedHead head = MappedHead.of(BlockTracer.network(model.getBlock(), image), mapping, scope);
      model.setBlock(GraphBlock.of(head.network(), owner));
    }
    return recipe.toBuilder().mapping(Mappings.newHead()).build();
  }
}
