package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.Sparsity;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;

class MethodArmsTest {
  private static List<Recipe> recipes(String sparsity) throws Exception {
    ComparisonTask task = ComparisonTasks.open(DigitsTask.NAME, new TaskFiles(null, null));
    List<Recipe> recipes = new ArrayList<>();
    for (Map.Entry<String, Pruner> arm : MethodArms.all(task.rates(), task.steps()).entrySet()) {
      recipes.add(MethodArms.recipe(task, arm.getKey(), arm.getValue(), Sparsity.of(sparsity), 1));
    }
    return recipes;
  }

  @Test
  void arms_butLth_takeTwoStagesOfSteps() throws Exception {
    for (Recipe recipe : recipes("0.9")) {
      // LTH: 11 rounds and tuning
      assertThat(recipe.gradientSteps(1_000))
          .as(recipe.name())
          .isEqualTo(recipe.name().equals("LTH") ? 12 * 150 : 2 * 150);
    }
  }

  @Test
  void reports_ofTheArms_haveFileNamesOfTheirOwn() throws Exception {
    List<String> names = new ArrayList<>();
    recipes("0.9").forEach(recipe -> names.add(KeptRuns.fileName(recipe)));
    recipes("0.95").forEach(recipe -> names.add(KeptRuns.fileName(recipe)));

    assertThat(names)
        .doesNotHaveDuplicates()
        .contains("omp-0.9-1.json", "omp-prompt-0.95-1.json", "random-erk-0.9-1.json");
  }
}
