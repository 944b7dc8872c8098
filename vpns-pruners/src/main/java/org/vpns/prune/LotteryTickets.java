package org.vpns.prune;

import ai.djl.Model;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkState;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.train.ImageSets;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/**
 * {@link LotteryPruner} at several sparsities, which share one chain of rounds: R(s) rounds for the
 * sparsest in place of their sum, then tuning for each. The results equal those of single runs bit
 * for bit. So does any other method whose stages begin alike. A report tells what its sparsity
 * would have cost alone, shared rounds included.
 *
 * <p>All that is done is kept in a folder, between rounds and within; running again in the same
 * folder goes on where it was cut. Of a TorchScript module the folder keeps modules, which run
 * then: {@link Trainer#resumeTrusted}. Immutable.
 */
public final class LotteryTickets extends Value<LotteryTickets> {
  private final Pruner pruner;
  private final ImmutableList<Sparsity> targets;
  private final Path folder;
  private Consumer<Recipe.Builder> options = recipe -> {};
  private RunListener listener = new RunListener() {};

  private LotteryTickets(Pruner pruner, List<Sparsity> targets, Path folder) {
    this.pruner = pruner;
    this.targets = ImmutableList.copyOf(targets);
    this.folder = folder;
  }

  /**
   * Tickets of the given sparsities, in any order, repeated or not.
   *
   * @param pruner such as {@link Pruners#lottery()}
   * @param folder of these tickets alone
   */
  public static LotteryTickets of(Pruner pruner, Path folder, Sparsity... targets) {
    Problem.given(pruner, "LotteryTickets.of", "pruner");
    Problem.given(folder, "LotteryTickets.of", "folder");
    Problem.givenEach(targets, "LotteryTickets.of", "targets");
    return new LotteryTickets(pruner, Arrays.asList(targets), folder);
  }

  /** Sets further options of the recipes: images, mapping, batch size, seed. */
  public LotteryTickets options(Consumer<Recipe.Builder> newOptions) {
    Problem.given(newOptions, "LotteryTickets.options", "options");
    return with(t -> t.options = newOptions);
  }

  /** With a listener, which hears of each sparsity's run in turn. */
  public LotteryTickets listener(RunListener newListener) {
    Problem.given(newListener, "LotteryTickets.listener", "listener");
    return with(t -> t.listener = newListener);
  }

  /**
   * Draws the tickets, in order of rising sparsity. The model is afterwards as it was.
   *
   * @param ticket is given each pruned model while it is there: to be saved or measured, not to be
   *     kept. A sparsity whose ticket it took without an exception is not run again
   * @return a report per target, in the order of the targets
   * @throws IllegalStateException if the folder holds tickets of other options, data or network
   * @throws UncheckedIOException if the folder cannot be read or written
   */
  public List<PruneReport> run(
      Model model, ImageSets splits, BiConsumer<Sparsity, PrunedModel> ticket) {
    Problem.given(model, "LotteryTickets.run", "model");
    Problem.given(splits, "LotteryTickets.run", "splits");
    Problem.given(ticket, "LotteryTickets.run", "ticket");
    SortedMap<Sparsity, Recipe> recipes = new TreeMap<>();
    for (Sparsity target : targets) {
      Recipe.Builder recipe = Recipe.of(pruner, target);
      options.accept(recipe);
      recipes.put(target, recipe.build());
    }
    Map<Sparsity, PruneReport> reports = new TreeMap<>();
    recipes.forEach(
        (target, recipe) -> reports.put(target, one(target, recipe, model, splits, ticket)));
    List<PruneReport> ordered = new ArrayList<>();
    targets.forEach(target -> ordered.add(reports.get(target)));
    return ordered;
  }

  private PruneReport one(
      Sparsity target,
      Recipe recipe,
      Model model,
      ImageSets splits,
      BiConsumer<Sparsity, PrunedModel> ticket) {
    Path own = folder.resolve("ticket-" + target);
    Path done = own.resolve("report.json");
    try {
      if (Files.exists(done)) {
        return PruneReport.read(done)
            .requireRunOf(Trainer.of(recipe).identity(model, splits), done);
      }
      NetworkState before = state(recipe, model);
      Trainer trainer =
          Trainer.of(recipe)
              .listener(listener)
              .sharedStages(folder.resolve("rounds"))
              .checkpoints(own)
              .resumeTrusted();
      try (PrunedModel pruned = trainer.fit(model, splits)) {
        ticket.accept(target, pruned);
        Files.createDirectories(own);
        AtomicFiles.writeText(done, pruned.report().toJson());
        return pruned.report();
      } finally {
        restore(recipe, model, before);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private static NetworkState state(Recipe recipe, Model model) {
    try (Network network = Network.open(model, recipe.filter())) {
      return network.snapshot();
    }
  }

  private static void restore(Recipe recipe, Model model, NetworkState state) {
    try (Network network = Network.open(model, recipe.filter())) {
      network.restore(state);
    }
  }
}
