package org.vpns.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.vpns.io.TensorType;
import org.vpns.torch.Pickled.Dict;
import org.vpns.torch.Tree.Candidate;

/**
 * Where the network lies in what a trainer saved. From the top the way goes down as long as one
 * child alone holds tensors; what is left at the end is taken whole. Two kinds of knowledge clear
 * the way:
 *
 * <ul>
 *   <li>a dictionary {@code state_dict} is the network, whatever stands beside it; other usual
 *       names are so only if no sibling holds tensors as near as they do, but a moving average of
 *       the network ({@code ema}, {@code model_ema});
 *   <li>what an optimiser keeps, the state of random numbers, and numbers in tensors without axes,
 *       do not count.
 * </ul>
 *
 * At the top, several children with tensors are several networks as well as parts of one, so there
 * the user chooses.
 */
final class Checkpoint {
  private static final Set<String> STATE_DICT = Set.of("state_dict", "model_state_dict");

  private static final Set<String> USUAL =
      Set.of("model", "model_state", "module", "net", "network", "params", "state", "weights");

  private static final Pattern AVERAGE = Pattern.compile("(.*_)?ema(_.*)?");

  private static final Pattern RANDOM = Pattern.compile("(.*_)?rng(_.*)?");

  private final Map<Object, Long> counts = new IdentityHashMap<>();

  /** Whether tensors without axes count, because there are no others. */
  private final boolean scalars;

  private Checkpoint(boolean scalars) {
    this.scalars = scalars;
  }

  /** A child that holds tensors that count. */
  private record Branch(String name, Object value, long own, boolean optimiser) {}

  /**
   * The place, or several to choose from, shortest first; none if there is no tensor in a
   * container.
   */
  static List<Candidate> candidates(Object root) {
    for (boolean scalars : new boolean[] {false, true}) {
      Checkpoint search = new Checkpoint(scalars);
      if (search.below(root, 0) > 0) {
        return search.places(root);
      }
    }
    return List.of();
  }

  /** Whether the network lies under a name that only a state dict has. */
  static boolean isNamed(Object root) {
    List<Candidate> places = candidates(root);
    return places.size() == 1 && places.get(0).path().stream().anyMatch(STATE_DICT::contains);
  }

  private List<Candidate> places(Object root) {
    List<Branch> branches = branches(root);
    long own = own(root);
    Branch network = network(branches, own);
    if (network != null) {
      return List.of(nearest(List.of(network.name()), network.value()));
    }
    boolean rivals = own == 0 || branches.stream().anyMatch(branch -> branch.own() > 0);
    if (branches.isEmpty() || !rivals) {
      return List.of(candidate(List.of(), root));
    }
    List<Candidate> places = new ArrayList<>();
    if (own > 0) {
      places.add(candidate(List.of(), root));
    }
    for (Branch branch : branches) {
      places.add(nearest(List.of(branch.name()), branch.value()));
    }
    places.sort(Comparator.comparingInt(place -> place.path().size()));
    return places;
  }

  /** From a place downwards until it holds tensors itself, or several children do. */
  private Candidate nearest(List<String> path, Object value) {
    while (path.size() < Tree.MAX_DEPTH) {
      Branch network = network(branches(value), own(value));
      if (network == null) {
        break;
      }
      List<String> longer = new ArrayList<>(path);
      longer.add(network.name());
      path = longer;
      value = network.value();
    }
    return candidate(path, value);
  }

  /** The one child that is the network, if that is clear. */
  private static @Nullable Branch network(List<Branch> branches, long own) {
    for (Branch branch : branches) {
      if (STATE_DICT.contains(branch.name()) && branch.value() instanceof Dict) {
        return branch;
      }
    }
    if (own > 0) {
      return null;
    }
    if (branches.size() == 1) {
      return branches.get(0);
    }
    List<Branch> near =
        branches.stream()
            .filter(branch -> branch.own() > 0 && !AVERAGE.matcher(branch.name()).matches())
            .toList();
    return near.size() == 1 && USUAL.contains(near.get(0).name()) ? near.get(0) : null;
  }

  /** The children with tensors; those of optimisers only if there are no others. */
  private List<Branch> branches(Object value) {
    List<Branch> all = new ArrayList<>();
    // one container under two names is one choice
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    seen.add(value);
    Tree.forEachChild(
        value,
        (name, child) -> {
          if (Tree.isContainer(child) && below(child, 0) > 0 && seen.add(child)) {
            all.add(new Branch(name, child, own(child), isOptimiser(name, child)));
          }
        });
    List<Branch> others = all.stream().filter(branch -> !branch.optimiser()).toList();
    return others.isEmpty() && own(value) == 0 ? all : others;
  }

  private static boolean isOptimiser(String name, Object value) {
    return name.toLowerCase(Locale.ROOT).startsWith("optim")
        || RANDOM.matcher(name).matches()
        || (value instanceof Dict dict
            && dict.items().containsKey("state")
            && dict.items().containsKey("param_groups"));
  }

  private Candidate candidate(List<String> path, Object value) {
    return new Candidate(path, below(value, 0));
  }

  private long own(Object value) {
    long[] own = {0};
    Tree.forEachChild(value, (name, child) -> own[0] += counts(name, child) ? 1 : 0);
    return own[0];
  }

  private boolean counts(String name, Object value) {
    return value instanceof TensorView view
        && (scalars || view.shape().dimension() > 0)
        && !(view.type() == TensorType.U8 && RANDOM.matcher(name).matches());
  }

  /** All tensors of a container that count, at every depth; containers inside themselves end. */
  private long below(Object container, int depth) {
    Long known = counts.get(container);
    if (known != null || depth > Tree.MAX_DEPTH || Tree.isEmpty(container)) {
      return known == null ? 0 : known;
    }
    counts.put(container, 0L);
    long[] sum = {0};
    Tree.forEachChild(
        container,
        (name, child) -> {
          if (counts(name, child)) {
            sum[0]++;
          } else if (Tree.isContainer(child)) {
            // shared containers double with every level
            sum[0] = Math.min(Integer.MAX_VALUE, sum[0] + below(child, depth + 1));
          }
        });
    counts.put(container, sum[0]);
    return sum[0];
  }
}
