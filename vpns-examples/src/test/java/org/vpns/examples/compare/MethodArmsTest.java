package org.vpns.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.Sparsity;
import org.vpns.study.KeptRuns;
import org.vpns.train.Recipe;

class MethodArmsTest {
  private static List<Recipe> recipes(String sparsity) throws Exception {
    ComparisonTask task = ComparisonTasks.open(DigitsTask.NAME, new TaskFiles(null, null));
    List<Recipe> recipes = new ArrayList<>();
    MethodArms arms = new MethodArms(task, task.steps());
    for (String name : arms.names()) {
      recipes.add(arms.recipe(name, Sparsity.of(sparsity), 1));
    }
    return recipes;
  }

  @Test
  void arms_butTwo_takeTwoStagesOfSteps() throws Exception {
    for (Recipe recipe : recipes("0.9")) {
      int stages =
          switch (recipe.name()) {
            case "LTH" -> 12; // 11 rounds and tuning
            case "VPNs (scratch)" -> 3; // the mask, then as much as the whole
            default -> 2;
          };
      assertThat(recipe.gradientSteps(1_000)).as(recipe.name()).isEqualTo(stages * 150);
    }
  }

  @Test
  void reports_ofTheArms_haveFileNamesOfTheirOwn() throws Exception {
    List<String> names = new ArrayList<>();
    recipes("0.9").forEach(recipe -> names.add(KeptRuns.fileName(recipe)));
    recipes("0.95").stream()
        .filter(recipe -> recipe.sparsity().equals(Sparsity.of("0.95")))
        .forEach(recipe -> names.add(KeptRuns.fileName(recipe)));

    assertThat(names)
        .doesNotHaveDuplicates()
        .contains(
            "omp-0.9-1.json",
            "omp-prompt-0.95-1.json",
            "random-erk-0.9-1.json",
            "dense-0-1.json",
            "vpns-scratch-0.9-1.json");
  }
}
