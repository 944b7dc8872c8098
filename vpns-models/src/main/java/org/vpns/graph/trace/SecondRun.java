package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Block;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphNode;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.graph.trace.Recording.Entry;
import org.vpns.graph.trace.Recording.Origin;
import org.vpns.graph.trace.Recording.Value;
import org.vpns.internal.graph.op.Layers;

/**
 * Goes along with the second run of a block, operator by operator, with some of the run's images
 * alone: what an operator is for any number of images, by what it was in the first run and is in
 * this one, must make of each image alone what the block makes of it beside the others. So one run
 * serves to tell what depends on the number of images, to show that the block does what its
 * operators do, and that no image changes another.
 *
 * <p>What is not shown is not refused here: {@link BlockTracer} goes a longer way then.
 */
final class SecondRun implements Companion {
  /**
   * Images that run alone, of the batch: neither its first nor those beside one another, since a
   * block that mixes may do so from the first image, the last, or a neighbour.
   */
  private static final ImmutableList<Integer> ALONE = ImmutableList.of(1, 4);

  private final Recording first;
  private final List<Integer> outputs;
  private final Set<Integer> used;
  private final int[] lastReader;
  private final NDManager scope;
  private final Map<String, NDArray> weights = new HashMap<>();
  private final List<NDList> images = new ArrayList<>();
  private final @Nullable NDArray[][] alone;
  private @Nullable Course course;
  private int next;
  private boolean hasRunForFew;

  /** What there is once the run has begun. */
  private record Course(
      Recording second, GraphAssembly assembly, ImagesApart apart, FewImages few, int batch) {}

  /**
   * @param first the first run
   * @param outputs numbers of its outputs
   * @param batch inputs of the second run
   * @param scope owner of what images alone make, and of weights
   */
  SecondRun(Recording first, List<Integer> outputs, NDList batch, NDManager scope) {
    this.first = first;
    this.outputs = outputs;
    this.scope = scope;
    used = GraphAssembly.used(first, outputs);
    lastReader = lastReaders();
    for (int image : ALONE) {
      NDIndex part = new NDIndex().addSliceDim(image, image + 1);
      NDList inputs = new NDList(batch.stream().map(array -> array.get(part)).toList());
      inputs.attach(scope);
      images.add(inputs);
    }
    alone = new NDArray[ALONE.size()][first.values().size()];
  }

  /** For each value of the first run, the last operator that reads it, or made it. */
  private int[] lastReaders() {
    int[] last = new int[first.values().size()];
    for (int i = 0; i < first.entries().size(); i++) {
      for (int value : first.entries().get(i).outputs()) {
        last[value] = i;
      }
      for (int value : first.entries().get(i).inputs()) {
        if (value != Recording.ABSENT) {
          last[value] = i;
        }
      }
    }
    outputs.forEach(value -> last[value] = Integer.MAX_VALUE);
    return last;
  }

  private boolean matters(Entry entry) {
    return entry.outputs().stream().anyMatch(used::contains);
  }

  /**
   * Call before the run.
   *
   * @param second records it
   * @param assembly of both
   * @param batch images of the run
   */
  void begin(Recording second, GraphAssembly assembly, int batch) {
    ImagesApart apart =
        new ImagesApart(
            value -> GraphAssembly.merged(first, second, value),
            value -> second.values().get(value).type(),
            outputs,
            batch,
            ALONE,
            assembly::place);
    course = new Course(second, assembly, apart, new FewImages(ALONE, batch), batch);
  }

  /** Training may wake a weight that is zero. */
  @Override
  public NDArray weights(NamedParameter p) {
    return weights.computeIfAbsent(
        p.path(),
        path -> AwakeWeights.of(p.parameter().getArray(), p.parameter().getType(), scope));
  }

  /**
   * Layers with weights run for those images of the batch that are looked at, beside each other.
   */
  @Override
  public @Nullable NDArray insteadOf(Asked asked) {
    Course now = course;
    NDArray x = asked.inputs().isEmpty() ? null : asked.inputs().get(0);
    boolean suits =
        now != null
            && x != null
            && !now.second.allowsDataDependence()
            && asked.operator() instanceof Layers.Weighted
            && isLedByImages(asked.values().get(0), x, now)
            && asked.values().stream().skip(1).allMatch(value -> isStored(value, now.second));
    hasRunForFew = suits;
    return suits && now != null && x != null ? now.few.run(x, asked.again()) : null;
  }

  /** Whether images are the first axis of a value, and that alone. */
  private boolean isLedByImages(int value, NDArray x, Course now) {
    if (value >= first.values().size() || !x.getDataType().isFloating()) {
      return false;
    }
    long[] axes = GraphAssembly.merged(first, now.second, value).getShape();
    boolean others = Arrays.stream(axes).skip(1).noneMatch(length -> length == -1);
    return axes.length > 1 && axes[0] == -1 && others && x.getShape().get(0) == now.batch;
  }

  /** Whether a value is the same for all images because nothing makes it. */
  private static boolean isStored(int value, Recording second) {
    return value == Recording.ABSENT || second.values().get(value).origin() == Origin.PARAMETER;
  }

  @Override
  public NDList ran(Entry entry, NDList made) {
    Course now = course;
    int position = next++;
    boolean ofFew = hasRunForFew;
    hasRunForFew = false;
    if (now == null || position >= first.entries().size()) {
      throw new IllegalStateException("more operators than in the first run");
    }
    Entry before = first.entries().get(position);
    if (!GraphAssembly.areAlike(before, entry)) {
      throw new IllegalStateException("another operator than in the first run");
    }
    if (!matters(before)) {
      free(entry, position);
      return made;
    }
    Operator operator = now.assembly.general(before, entry);
    if (operator == null) {
      throw new IllegalStateException("an operator that depends on the batch");
    }
    List<NDArray[]> results = new ArrayList<>();
    results.add(made.toArray(new NDArray[0]));
    results.add(apply(operator, entry, 0, now.second));
    for (int image = 1; image < ALONE.size(); image++) {
      // what a layer is, one image shows
      results.add(ofFew ? row(made, image) : apply(operator, entry, image, now.second));
    }
    now.apart.check(new GraphNode("", operator, entry.inputs(), entry.outputs()), results);
    for (int image = 0; image < ALONE.size(); image++) {
      NDArray[] result = results.get(image + 1);
      for (int i = 0; i < result.length; i++) {
        alone[image][entry.outputs().get(i)] = result[i];
      }
    }
    free(entry, position);
    return new NDList(results.get(0));
  }

  /** An image's part, which stays when the block writes over the whole. */
  private NDArray[] row(NDList made, int image) {
    NDIndex row = new NDIndex().addSliceDim(ALONE.get(image), ALONE.get(image) + 1);
    try (NDArray part = made.singletonOrThrow().get(row)) {
      NDArray copy = part.duplicate();
      copy.attach(scope);
      return new NDArray[] {copy};
    }
  }

  @Override
  public boolean isLastUse(int value, int position) {
    return value != Recording.ABSENT && lastReader[value] == position;
  }

  private NDArray[] apply(Operator operator, Entry entry, int image, Recording second) {
    @Nullable NDArray[] in = new NDArray[entry.inputs().size()];
    for (int i = 0; i < in.length; i++) {
      int value = entry.inputs().get(i);
      in[i] = value == Recording.ABSENT ? null : array(value, image, second);
    }
    NDArray[] made = operator.apply(in, new ForwardPass(false, 1, scope));
    for (NDArray array : made) {
      array.attach(scope);
    }
    return made;
  }

  /** What a value is for an image alone. */
  private NDArray array(int number, int image, Recording second) {
    NDArray known = alone[image][number];
    if (known == null) {
      known = still(number, image, second);
      alone[image][number] = known;
    }
    return known;
  }

  /** The same for what no operator has made. */
  private NDArray still(int number, int image, Recording second) {
    Value value = second.values().get(number);
    Value before = first.values().get(number);
    NDArray constant = value.constant();
    String path = value.path();
    if (value.origin() == Origin.INPUT) {
      // inputs are numbered first
      return images.get(image).get(number);
    }
    if (path != null && path.equals(before.path())) {
      return weightsOf(path);
    }
    if (constant != null && before.constant() != null && isSame(before.constant(), constant)) {
      return constant;
    }
    throw new IllegalStateException("another value than in the first run");
  }

  private NDArray weightsOf(String path) {
    NDArray known = weights.get(path);
    if (known == null) {
      throw new IllegalStateException(path);
    }
    return known;
  }

  private static boolean isSame(NDArray a, NDArray b) {
    return GraphConstant.of("constant", a).equals(GraphConstant.of("constant", b));
  }

  /** What a run of the block with one image says of its operators. */
  enum Verdict {
    /** Both give the same. */
    SAME,
    /** They do not, or the block fails. */
    OTHER,
    /** The operators were given other numbers than the block makes. */
    UNKNOWN
  }

  /**
   * Runs the block with the first image that has run alone, with nothing noted. Call after the run.
   */
  Verdict alone(Block block) {
    Course now = course;
    if (now == null || now.apart.hasReplaced()) {
      return Verdict.UNKNOWN;
    }
    try {
      NDList made = now.second.runUnrecorded(block, images.get(0));
      boolean same = made.size() == outputs.size();
      for (int i = 0; same && i < outputs.size(); i++) {
        same = Agreement.isOf(made.get(i), array(outputs.get(i), 0, now.second));
      }
      return same ? Verdict.SAME : Verdict.OTHER;
    } catch (RuntimeException fails) {
      return Verdict.OTHER;
    }
  }

  private void free(Entry entry, int position) {
    for (List<Integer> values : List.of(entry.inputs(), entry.outputs())) {
      for (int value : values) {
        boolean done =
            isLastUse(value, position) && first.values().get(value).origin() == Origin.RESULT;
        for (int image = 0; done && image < ALONE.size(); image++) {
          NDArray array = alone[image][value];
          if (array != null) {
            array.close();
          }
          alone[image][value] = null;
        }
      }
    }
  }
}
