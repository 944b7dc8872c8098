package org.vpns.structured;

import static org.vpns.structured.Labels.STAYS;

import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphNode;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Indexing.Range;
import org.vpns.internal.graph.width.Axes;
import org.vpns.internal.graph.width.Norms;
import org.vpns.internal.graph.width.Positions;

/**
 * Positions as labels of the channels that they belong to. What must lose the same is united; what
 * must stay is told to the {@link Notes}, with the reason in words.
 */
final class LabelledPositions implements Positions {
  private final Labels labels;
  private final GraphNode node;
  private final @Nullable Integer channelAxis;
  private final Norms norms;
  private final Notes notes;

  /** Is told what unions do not say. */
  interface Notes {
    /** These stay. */
    void stay(int[] labels, String reason);

    /** A norm's mean and variance are taken over these. */
    void measured(int[] labels, GraphNode node);

    /** These are a weight's axis. */
    void role(int[] labels, GraphNode node, int input, Role role);
  }

  /**
   * At a node.
   *
   * @param channelAxis axis of the output that holds the channels where a reshape makes several of
   *     one; null for the one that a norm is taken over, or the longest
   */
  LabelledPositions(
      Labels labels, GraphNode node, @Nullable Integer channelAxis, Norms norms, Notes notes) {
    this.labels = labels;
    this.node = node;
    this.channelAxis = channelAxis;
    this.norms = norms;
    this.notes = notes;
  }

  private void stay(int[] axis, String reason) {
    notes.stay(axis, "'" + node.name() + "' (" + node.operator().kind() + ") " + reason);
  }

  @Override
  public void same(String what, int @Nullable [] a, int @Nullable [] b) {
    String reason = "must lose the same " + what + ", of which some stay";
    if (a == null) {
      if (b != null) {
        stay(b, reason);
      }
      return;
    }
    if (b == null) {
      stay(a, reason);
      return;
    }
    for (int i = 0; i < a.length; i++) {
      if (a[i] != STAYS && b[i] != STAYS) {
        labels.unite(a[i], b[i]);
      } else if (a[i] != b[i]) {
        stay(new int[] {Math.max(a[i], b[i])}, reason);
      }
    }
  }

  @Override
  public void whole(String expected, int @Nullable [] axis) {
    if (axis != null) {
      stay(axis, "needs " + expected);
    }
  }

  @Override
  public boolean measures() {
    return norms.measures(node.name());
  }

  @Override
  public void measured(int @Nullable [] axis) {
    if (axis != null) {
      notes.measured(axis, node);
    }
  }

  @Override
  public void role(int input, int @Nullable [] axis, Role role) {
    if (axis != null) {
      notes.role(axis, node, input, role);
    }
  }

  @Override
  public int[] joined(int[] @Nullable [] parts, int[] lengths) {
    int[] all = {};
    for (int i = 0; i < parts.length; i++) {
      int[] part = parts[i];
      all = Ints.concat(all, part == null ? staying(lengths[i]) : part);
    }
    return all;
  }

  private static int[] staying(int length) {
    int[] none = new int[length];
    Arrays.fill(none, STAYS);
    return none;
  }

  @Override
  public int[] @Nullable [] pieces(int[] axis, int[] lengths) {
    int[] @Nullable [] pieces = new int[lengths.length] @Nullable [];
    int at = 0;
    for (int i = 0; i < lengths.length; i++) {
      pieces[i] = Arrays.copyOfRange(axis, at, at + lengths[i]);
      at += lengths[i];
    }
    return pieces;
  }

  @Override
  public Taken taken(int[] axis, Range range, int[] taken) {
    int[] own = IntStream.of(taken).map(p -> axis[p]).toArray();
    boolean side = taken.length > 0 && taken[taken.length - 1] - taken[0] == taken.length - 1;
    if (range.single()) {
      stay(own, "takes this one position");
    } else if (!side) {
      stay(axis, "takes positions that are not side by side");
    }
    return new Taken(range, range.single() ? null : own);
  }

  @Override
  public int[] reversed(int[] axis, int length) {
    int[] turned = axis.clone();
    Ints.reverse(turned);
    return turned;
  }

  @Override
  public int @Nullable [] repeated(int @Nullable [] axis, int length, int times) {
    return axis == null
        ? null
        : IntStream.of(axis).flatMap(p -> IntStream.generate(() -> p).limit(times)).toArray();
  }

  @Override
  public int @Nullable [] tiled(int @Nullable [] axis, int length, int times) {
    return axis == null
        ? null
        : IntStream.range(0, length * times).map(i -> axis[i % length]).toArray();
  }

  @Override
  public void blocks(int @Nullable [] axis, int length, int blocks) {
    if (axis != null && blocks > 1) {
      int each = length / blocks;
      int[] first = Arrays.copyOf(axis, each);
      same("rows of each group", axis, tiled(first, each, blocks));
    }
  }

  @Override
  public int[] @Nullable [] moved(
      int[] from, int[] @Nullable [] axes, int[] to, int first, int folded) {
    int[] entries = entries(from, axes);
    int[] @Nullable [] result = new int[to.length] @Nullable [];
    if (folded == to.length) {
      for (int[] axis : axes) {
        whole("all that goes into the axis of the images", axis);
      }
      return result;
    }
    int kept = channels(entries, to, first, folded);
    int stride = stride(to, kept);
    int[] own = staying(to[kept]);
    boolean[] met = new boolean[to[kept]];
    for (int e = 0; e < entries.length; e++) {
      int p = e / stride % to[kept];
      if (!met[p]) {
        met[p] = true;
        own[p] = entries[e];
      } else if (entries[e] != own[p]) {
        same("entries of a block", new int[] {own[p]}, new int[] {entries[e]});
      }
    }
    result[kept] = own;
    return result;
  }

  /** Labels of all entries, row-major, by the longest axis that has some; others stay. */
  private int[] entries(int[] lengths, int[] @Nullable [] axes) {
    int labelled = -1;
    for (int d = 0; d < lengths.length; d++) {
      if (axes[d] != null && (labelled < 0 || lengths[d] > lengths[labelled])) {
        labelled = d;
      }
    }
    for (int d = 0; d < lengths.length; d++) {
      if (d != labelled) {
        whole("one axis of channels", axes[d]);
      }
    }
    int[] own = axes[labelled];
    if (own == null) {
      throw new IllegalStateException("no axis has labels");
    }
    int stride = stride(lengths, labelled);
    int size = Arrays.stream(lengths).reduce(1, Math::multiplyExact);
    return IntStream.range(0, size).map(e -> own[e / stride % own.length]).toArray();
  }

  /**
   * Which of the new axes the channels lie along: the chosen one, or that of what is in a block of
   * a norm, or the longest, the last of equals; none of those that are folded.
   */
  private int channels(int[] entries, int[] to, int first, int folded) {
    if (channelAxis != null && channelAxis >= first + folded && channelAxis < first + to.length) {
      return channelAxis - first;
    }
    Set<Integer> blocks = norms.blocks(node.name());
    int ofBlock = longest(entries, to, d -> d >= folded && blocks.contains(first + d));
    int longest = ofBlock >= 0 ? ofBlock : longest(entries, to, d -> d >= folded);
    return longest < 0 ? to.length - 1 : longest;
  }

  /**
   * The longest of some axes along which entries are of different channels; -1 if there is none.
   */
  private int longest(int[] entries, int[] to, IntPredicate some) {
    int longest = -1;
    for (int d = 0; d < to.length; d++) {
      if (some.test(d) && varies(entries, to, d) && (longest < 0 || to[d] >= to[longest])) {
        longest = d;
      }
    }
    return longest;
  }

  private boolean varies(int[] entries, int[] lengths, int axis) {
    int stride = stride(lengths, axis);
    return IntStream.range(0, entries.length)
        .anyMatch(
            e ->
                labels.find(entries[e])
                    != labels.find(entries[e - e / stride % lengths[axis] * stride]));
  }

  private static int stride(int[] lengths, int axis) {
    return Arrays.stream(lengths, axis + 1, lengths.length).reduce(1, Math::multiplyExact);
  }

  @Override
  public void unknown(Operator operator, Iterable<Axes> inputs) {
    for (Axes input : inputs) {
      for (int d = 0; d < input.rank(); d++) {
        whole("all of what it reads: channels cannot be removed through it", input.axis(d));
      }
    }
  }
}
