package org.vpns.examples.compare;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.Sparsity;
import org.vpns.report.PruneReport;
import org.vpns.study.StudyRun;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;

/** What is compared, by the names that tables give it. */
public final class ArmTable {
  private final MethodRecipes methods;
  private final Map<String, Arm> arms = new LinkedHashMap<>();

  /** What makes an arm's recipe, and what makes a run of that. */
  private record Arm(Recipes recipes, Runs runs) {}

  /** Makes a recipe. */
  @FunctionalInterface
  public interface Recipes {
    /** At a sparsity, with a seed. */
    Recipe of(Sparsity sparsity, long seed);
  }

  /** Makes a run. */
  @FunctionalInterface
  public interface Runs {
    /** Of a recipe. */
    StudyRun<PruneReport> of(Recipe recipe);
  }

  /** An empty table. */
  public ArmTable(MethodRecipes methods) {
    this.methods = methods;
  }

  /** The arms, by name. */
  public Set<String> names() {
    return arms.keySet();
  }

  /** Whether there is one of that name. */
  public boolean has(String name) {
    return arms.containsKey(name);
  }

  /** The recipe of an arm. */
  public Recipe recipe(String name, Sparsity sparsity, long seed) {
    return arm(name).recipes().of(sparsity, seed).toBuilder().name(name).build();
  }

  /** What a study runs of an arm. */
  public StudyRun<PruneReport> run(String name, Sparsity sparsity, long seed) {
    return arm(name).runs().of(recipe(name, sparsity, seed));
  }

  private Arm arm(String name) {
    Arm arm = arms.get(name);
    if (arm == null) {
      throw Problem.argument(
          "no such arm", "ArmTable", arms.keySet(), name, "name another task, or another method");
    }
    return arm;
  }

  /** Adds recipes. */
  public void put(String name, Recipes recipes) {
    run(name, recipes, StudyRun::of);
  }

  /** Adds recipes for a network that is changed before. */
  public void put(String name, Recipes recipes, StudyRun.Fitting fitting) {
    run(name, recipes, recipe -> StudyRun.of(recipe, fitting));
  }

  /** Adds recipes that are run in a way of their own. */
  public void run(String name, Recipes recipes, Runs runs) {
    arms.put(name, new Arm(recipes, runs));
  }

  /** Adds a method as it is. */
  public void plain(String name, Pruner pruner) {
    put(name, recipes(pruner));
  }

  /** The recipes of a method as it is. */
  public Recipes recipes(Pruner pruner) {
    return (sparsity, seed) -> methods.options(Recipe.of(pruner, sparsity), seed).build();
  }

  /** Adds a method with the task's prompt. */
  public void prompted(String name, Pruner pruner, UnaryOperator<Recipe.Builder> mounted) {
    prompted(name, pruner, mounted, recipe -> recipe);
  }

  /** Adds a control of a method with the task's prompt. */
  public void prompted(
      String name,
      Pruner pruner,
      UnaryOperator<Recipe.Builder> mounted,
      UnaryOperator<Recipe> control) {
    prompted(name, pruner, methods.task().prompt(), mounted, control);
  }

  /** Adds a control of a method with a prompt. */
  public void prompted(
      String name,
      Pruner pruner,
      PromptFactory prompt,
      UnaryOperator<Recipe.Builder> mounted,
      UnaryOperator<Recipe> control) {
    put(
        name,
        (sparsity, seed) -> {
          Recipe.Builder recipe = methods.options(Recipe.of(pruner, sparsity), seed);
          return control.apply(mounted.apply(recipe.prompt(prompt)).build());
        });
  }
}
