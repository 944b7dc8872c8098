package org.vpns.train;

import java.util.function.Consumer;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.internal.run.RunWords;

/** Whether the last mask of a run, whoever makes it, is as sparse as the recipe says. */
record SparsityCheck(Recipe recipe, Consumer<String> warnings) {
  /**
   * Looks at the mask that a stage's rule has made.
   *
   * @throws IllegalStateException if it keeps more than the recipe's sparsity allows
   */
  void made(Stage stage, MaskSet masks) {
    if (!stage.changesMask() || !stage.mask().isExact()) {
      return;
    }
    long least = recipe.sparsity().keep(masks.size());
    long most = recipe.sparsity().mostKept(masks.layout());
    if (masks.kept() > most) {
      throw Problem.state(
          "mask of another sparsity",
          stage.inWords() + " of recipe " + recipe + ", mask " + stage.mask().describe(),
          "at most "
              + most
              + " of "
              + masks.size()
              + " weights kept at sparsity "
              + recipe.sparsity(),
          masks.kept(),
          "give mask rule and recipe one sparsity; the model is as it was before");
    }
    if (masks.kept() < least) {
      warnings.accept(
          RunWords.at(stage.inWords(), masks)
              + "the mask keeps fewer weights than the recipe's sparsity "
              + recipe.sparsity()
              + " leaves, "
              + least);
    }
  }
}
