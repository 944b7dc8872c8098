package org.vpns.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.Sparsity;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.train.Recipe;

class MethodArmsTest {
  private static List<Recipe> recipes(String sparsity) throws Exception {
    ComparisonTask task = ComparisonTasks.open(DigitsTask.NAME, new TaskFiles(null, null));
    List<Recipe> recipes = new ArrayList<>();
    ArmTable arms = MethodArms.of(task, task.steps());
    for (String name : arms.names()) {
      recipes.add(arms.recipe(name, Sparsity.of(sparsity), 1));
    }
    return recipes;
  }

  @Test
  void arms_butThree_takeTwoStagesOfSteps() throws Exception {
    for (Recipe recipe : recipes("0.9")) {
      int stages =
          switch (recipe.name()) {
            case "LTH" -> 12; // 11 rounds and tuning
            case "HYDRA 2x steps" -> 4;
            case "VPNs (scratch)" -> 3; // the mask, then as much as the whole
            default -> 2;
          };
      assertThat(recipe.gradientSteps(1_000)).as(recipe.name()).isEqualTo(stages * 150);
    }
  }

  @Test
  void reports_ofTheArms_haveFileNamesOfTheirOwn() throws Exception {
    ComparisonTask task = ComparisonTasks.open(DigitsTask.NAME, new TaskFiles(null, null));
    ArmTable arms = MethodArms.of(task, task.steps());
    List<Study.Arm<PruneReport>> all = new ArrayList<>();
    arms.names().forEach(name -> all.add((s, seed) -> arms.run(name, s, seed)));

    // two runs of one name would be refused
    assertThat(Study.of(all).sparsities("0.9", "0.95").on(task).cells())
        .extracting(Study.Cell::name)
        .hasSize(2 * all.size() - 2) // two are dense at every sparsity
        .contains(
            "digits/omp-0.9-1",
            "digits/omp-prompt-0.95-1",
            "digits/random-erk-0.9-1",
            "digits/dense-0-1",
            "digits/vpns-scratch-0.9-1");
  }
}
