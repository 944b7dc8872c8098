package org.vpns.examples.figures;

import org.vpns.PromptFactory;
import org.vpns.control.Controls;
import org.vpns.examples.compare.ArmTable;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.examples.compare.MethodArms;
import org.vpns.examples.compare.MethodRecipes;
import org.vpns.prompt.Prompts;
import org.vpns.prune.OneShotPruner;
import org.vpns.prune.Pruners;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pruner;

/** The arms of all methods, and those that only the paper's figures ask for. */
final class FigureArms {
  private final MethodRecipes recipes;
  private final ArmTable arms;
  private final int canvas;

  private FigureArms(ComparisonTask task, long steps) {
    recipes = new MethodRecipes(task, steps);
    arms = MethodArms.of(task, steps);
    canvas = Math.min(task.input().height(), task.input().width());
    afterwards();
    everywhere();
    prompts();
    TransferArms.add(task, recipes, arms);
  }

  /**
   * The arms of a task.
   *
   * @param steps T
   */
  static ArmTable of(ComparisonTask task, long steps) {
    return new FigureArms(task, steps).arms;
  }

  /** Figure 1: a prompt that is trained when the mask is there, or when all is tuned. */
  private void afterwards() {
    afterwards("Random", Pruners.random());
    afterwards("SNIP", Pruners.snip());
    afterwards("SynFlow", Pruners.synFlow());
    afterwards(
        "HYDRA",
        recipes.hydra(),
        recipes.hydra().lengths(recipes.half(), recipes.quarter()),
        recipes.quarter());
  }

  private void afterwards(String name, OneShotPruner pruner) {
    OneShotPruner tuned = recipes.tuned(pruner);
    afterwards(name, tuned, tuned.length(recipes.half()), recipes.half());
  }

  private void afterwards(String name, Pruner whole, Pruner shorter, Length prompt) {
    arms.prompted(
        name + " (prompt only)",
        whole,
        r -> r.mount(recipes.learned(Mount.in(Mount.Place.TUNING))),
        Controls::promptOnly);
    arms.prompted(
        name + " (prompt afterwards)",
        shorter,
        r -> r.mount(recipes.learned(Mount.afterwards(prompt))));
  }

  /** Figure 7. */
  private void everywhere() {
    Mount mount = recipes.learned(Mount.everywhere());
    arms.prompted("Random + prompt", recipes.tuned(Pruners.random()), r -> r.mount(mount));
    arms.prompted("LTH + prompt", recipes.lottery(), r -> r.mount(mount));
  }

  /** Figure 10: VPNs with smaller images inside a narrow frame, with frames, and with kinds. */
  private void prompts() {
    for (int size : imageSizes(canvas)) {
      arms.prompted(
          "VPNs, images of " + size,
          recipes.vpns(),
          Prompts.pad(narrow(canvas)),
          r -> r,
          recipe -> recipe.toBuilder().input(recipe.input().imageSize(size, size)).build());
    }
    for (int pad : pads(canvas)) {
      kind("VPNs, pad " + pad, Prompts.pad(pad));
    }
    int side = equalSide(canvas);
    kind("VPNs, fix " + side, Prompts.fix(side));
    kind("VPNs, random " + side, Prompts.random(side));
  }

  private void kind(String name, PromptFactory prompt) {
    arms.prompted(name, recipes.vpns(), prompt, r -> r, recipe -> recipe);
  }

  /** A fourteenth of the canvas, as 16 of 224 are. */
  static int narrow(int canvas) {
    return Math.max(1, Math.round(canvas / 14f));
  }

  /** Images of 128 to 224 on a canvas of 224. */
  static int[] imageSizes(int canvas) {
    return new int[] {canvas * 4 / 7, canvas * 5 / 7, canvas * 6 / 7, canvas};
  }

  /** Frames of 16, 32, 64 and 112 on a canvas of 224. */
  static int[] pads(int canvas) {
    return new int[] {
      narrow(canvas), Math.round(canvas / 7f), Math.round(canvas * 2 / 7f), canvas / 2
    };
  }

  /** The side of a square with about as many pixels as the narrow frame. */
  static int equalSide(int canvas) {
    int pad = narrow(canvas);
    return (int) Math.round(Math.sqrt(4.0 * pad * (canvas - pad)));
  }
}
