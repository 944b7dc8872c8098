package org.vpns.structured.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.vpns.structured.score.HandNetworks.array;
import static org.vpns.structured.score.HandNetworks.context;
import static org.vpns.structured.score.HandNetworks.first;
import static org.vpns.structured.score.HandNetworks.plain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.Batchifier;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vpns.LabelAssignment;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.TransposedConvolution;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;

/** Importances worked by hand. */
class ImportancesTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  /** Two linear layers, A = (1, -1; 2, 3) and B = (1, 2): y = B A x. */
  private NetworkValues twoLayers() {
    return new HandNetworks(manager, 2).linear("a", 2, 1, -1, 2, 3).linear("b", 1, 1, 2).network();
  }

  /** With L = mean y, dL/dA = B' x' and dL/dB = (A x)'. */
  private ChannelContext context(NetworkValues network, double... inputs) {
    return HandNetworks.context(network)
        .images(
            array(manager, new Shape(inputs.length / 2, 2), inputs),
            array(manager, new Shape(inputs.length / 2), new double[inputs.length / 2]))
        .loss(new MeanOutput());
  }

  private static final class MeanOutput extends Loss {
    MeanOutput() {
      super("mean output");
    }

    @Override
    public NDArray evaluate(NDList labels, NDList outputs) {
      return outputs.head().sum().div(outputs.head().getShape().get(0));
    }
  }

  @Test
  void magnitudes_areSumsOfPowers() {
    ChannelContext context = HandNetworks.context(twoLayers());
    // rows (1, -1) and (2, 3), columns 1 and 2; two members
    assertThat(plain(Importances.l1(), context)).containsExactly(1.5, 3.5);
    assertThat(plain(Importances.l2(), context)).containsExactly(1.5, 8.5);
    assertThat(plain(Importances.magnitude(3), context)).containsExactly(1.5, 21.5);
    assertThat(first(Importances.l2().score(context)))
        .containsExactly(new double[] {.3, 1.7}, within(1e-12));
  }

  @Test
  void reductions_ofTwoMembers_areThoseOfTheirNames() {
    ChannelContext context = HandNetworks.context(twoLayers());
    MemberImportance l2 = Importances.l2();
    assertThat(plain(l2.reduction(Reduction.SUM), context)).containsExactly(3, 17);
    assertThat(plain(l2.reduction(Reduction.MAX), context)).containsExactly(2, 13);
    assertThat(plain(l2.reduction(Reduction.PROD), context)).containsExactly(2, 52);
    assertThat(plain(l2.reduction(Reduction.FIRST), context)).containsExactly(2, 13);
    assertThat(plain(l2.reduction(Reduction.LAST), context)).containsExactly(1, 4);
  }

  @Test
  void gradient_ofTwoLayers_isTheProductOfTheOthers() {
    Map<String, float[]> gradient = context(twoLayers(), 1, 2).gradient();
    assertThat(gradient).containsOnlyKeys("a.weight", "b.weight");
    assertThat(gradient.get("a.weight")).containsExactly(1, 2, 2, 4);
    assertThat(gradient.get("b.weight")).containsExactly(-1, 8);
  }

  @Test
  void taylor_ofOneImage_isWeightTimesGradient() {
    ChannelContext context = context(twoLayers(), 1, 2);
    // w g: rows (1, -2) and (4, 12), columns -1 and 16
    assertThat(plain(Importances.taylor(), context)).containsExactly(2, 16);
    assertThat(plain(Importances.multivariableTaylor(), context)).containsExactly(1, 16);
    assertThat(plain(Importances.multivariableTaylor().reduction(Reduction.FIRST), context))
        .containsExactly(1, 16);
  }

  @Test
  void taylor_ofTwoImages_takesTheMeanGradientFirst() {
    ChannelContext context = context(twoLayers(), 1, 2, 0, 1);
    // g = (0.5, 1.5; 1, 3) and (-1, 5.5)
    assertThat(plain(Importances.taylor(), context)).containsExactly(1.5, 11);
  }

  @Test
  void fisher_ofTwoImages_isTheMeanOverImages() {
    ChannelContext context = context(twoLayers(), 1, 2, 0, 1);
    // (w g)^2 of the rows: 1 + 4 and 1, 16 + 144 and 36; of the columns: 1 and 1, 256 and 36
    assertThat(plain(Importances.fisher(), context)).containsExactly(2, 122);
  }

  @Test
  void activation_ofALinearLayer_isSummedOverRows() {
    // A x = (-1, 8) and (-1, 3)
    assertThat(plain(Importances.activation(), context(twoLayers(), 1, 2, 0, 1)))
        .containsExactly(2, 11);
  }

  @Test
  void network_ofDoubles_scoresAsOneOfFloats() {
    NetworkValues network =
        new HandNetworks(manager, DataType.FLOAT64, 2)
            .linear("a", 2, 1, -1, 2, 3)
            .linear("b", 1, 1, 2)
            .network();
    NDArray inputs = array(manager, new Shape(2, 2), 1, 2, 0, 1).toType(DataType.FLOAT64, true);
    ChannelContext context =
        HandNetworks.context(network)
            .images(inputs, array(manager, new Shape(2), 0, 0))
            .loss(new MeanOutput());
    assertThat(plain(Importances.l2(), context)).containsExactly(1.5, 8.5);
    assertThat(plain(Importances.taylor(), context)).containsExactly(1.5, 11);
    assertThat(plain(Importances.fisher(), context)).containsExactly(2, 122);
    assertThat(plain(Importances.activation(), context)).containsExactly(2, 11);
  }

  /** 40,000 twice is more than a half float holds. */
  @Test
  void activation_ofHalfFloats_isSummedInFloats() {
    NetworkValues network =
        new HandNetworks(manager, DataType.FLOAT16, 1)
            .linear("a", 2, 1, 2)
            .linear("b", 1, 1, 2)
            .network();
    NDArray inputs = array(manager, new Shape(2, 1), 20_000, 20_000).toType(DataType.FLOAT16, true);
    ChannelContext context =
        HandNetworks.context(network).images(inputs, array(manager, new Shape(2), 0, 0));
    assertThat(plain(Importances.activation(), context)).containsExactly(40_000, 80_000);
  }

  /** Two outputs, of which the mapping exchanges what they stand for. */
  @Test
  void mapping_ofTheImages_saysWhichOutputsTheLossSees() {
    NetworkValues network =
        new HandNetworks(manager, 2)
            .linear("a", 2, 1, -1, 2, 3)
            .linear("b", 2, 1, 2, -1, 3)
            .network();
    NDArray inputs = array(manager, new Shape(1, 2), 1, 0.5);
    ChannelContext plain = HandNetworks.context(network);
    ChannelContext first = plain.images(inputs, array(manager, new Shape(1), 0));
    ChannelContext second = plain.images(inputs, array(manager, new Shape(1), 1));
    LabelAssignment turned = LabelAssignment.of(2, new int[][] {{1}, {0}});
    ChannelContext mapped = plain.images(new GivenImages(inputs, ImmutableLongArray.of(1), turned));
    double[] scores = plain(Importances.taylor(), first);
    assertThat(plain(Importances.taylor(), mapped)).containsExactly(scores, within(1e-6));
    assertThat(plain(Importances.taylor(), second)[0]).isNotCloseTo(scores[0], within(1e-3));
  }

  @Test
  void batch_ofADataSet_isItsImagesAndLabels() {
    NDManager own = manager.newSubManager();
    Batch batch =
        new Batch(
            own,
            new NDList(array(own, new Shape(1, 2), 1, 2)),
            new NDList(array(own, new Shape(1), 0)),
            1,
            Batchifier.STACK,
            Batchifier.STACK,
            0,
            1);
    ChannelContext context = HandNetworks.context(twoLayers()).images(batch).loss(new MeanOutput());
    assertThat(plain(Importances.taylor(), context)).containsExactly(2, 16);
    assertThat(batch.getData().head().toFloatArray()).containsExactly(1, 2);
  }

  private ChannelContext ofMaps(NetworkValues network, double... image) {
    long side = Math.round(Math.sqrt(image.length));
    double[] twice = Arrays.copyOf(image, 2 * image.length); // the second image is black
    return HandNetworks.context(network)
        .images(
            array(manager, new Shape(2, 1, side, side), twice), array(manager, new Shape(2), 0, 0));
  }

  @Test
  void activation_ofAConvolution_isItsMeanOverImagesAndSpace() {
    HandNetworks layers = new HandNetworks(manager, 1, 2, 2).conv("a", 2, 1, 1, -2);
    NetworkValues network = layers.conv("b", 1, 1, 1, 1).globalPool().network();
    // 1, 2, 3, 4 and four zeros: mean 10 / 8
    assertThat(plain(Importances.activation(), ofMaps(network, 1, 2, 3, 4)))
        .containsExactly(1.25, 2.5);
  }

  /** A unit of a convolution in two groups is a channel of each. */
  @Test
  void activation_ofAGroupedConvolution_isSummedOverItsChannels() {
    HandNetworks layers = new HandNetworks(manager, 1, 2, 2).conv("a", 4, 1, 1, 2, 3, 4);
    NetworkValues network =
        layers.conv("b", 2, 2, 1, 1, 1, 1).conv("c", 1, 1, 1, 1).globalPool().network();
    ChannelContext context = ofMaps(network, 1, 2, 3, 4);
    assertThat(context.groups().groups().get(0).units()).hasSize(2);
    assertThat(plain(Importances.activation(), context))
        .containsExactly(1.25 * (1 + 3), 1.25 * (2 + 4));
  }

  @Test
  void activation_ofATransposedConvolution_andOfProducts_isThatOfWhatTheyRead() {
    HandNetworks layers = new HandNetworks(manager, 1, 2, 2).conv("a", 2, 1, 1, -2);
    Shape one = new Shape(1, 1);
    Shape all = new Shape(2, 1, 1, 1);
    int up = layers.parameter("up.weight", Parameter.Type.WEIGHT, all, 1, 1);
    layers.layer("up", new TransposedConvolution(one, List.of(0L, 0L, 0L, 0L), one, 1), up);
    NetworkValues maps = layers.globalPool().network();
    assertThat(plain(Importances.activation(), ofMaps(maps, 1, 2, 3, 4)))
        .containsExactly(1.25, 2.5);

    HandNetworks products = new HandNetworks(manager, 2).linear("a", 2, 1, -1, 2, 3);
    int columns = products.parameter("b.weight", Parameter.Type.WEIGHT, new Shape(2, 1), 1, 2);
    NetworkValues product = products.layer("b", new Layers.MatMul(false), columns).network();
    assertThat(plain(Importances.activation(), context(product, 1, 2, 0, 1)))
        .containsExactly(2, 11);
    assertThat(plain(Importances.taylor(), context(product, 1, 2))).containsExactly(2, 16);
  }

  @Test
  void activation_throughATransposedWeight_isThatOfWhatItReads() {
    HandNetworks layers = new HandNetworks(manager, 2).linear("a", 2, 1, -1, 2, 3);
    int weight = layers.parameter("b.weight", Parameter.Type.WEIGHT, new Shape(1, 2), 1, 2);
    NetworkValues network = layers.transposedProduct("b", weight).network();
    assertThat(plain(Importances.activation(), context(network, 1, 2, 0, 1)))
        .containsExactly(2, 11);
  }

  /** Squares of 1, 2, 3, 4 lie 3, 8, 15, 5, 12 and 7 apart. */
  @Test
  void fpgm_ofRows1To4_isTheSumOfTheirDistances() {
    NetworkValues network =
        new HandNetworks(manager, 1, 1, 1)
            .conv("a", 4, 1, 1, 2, 3, 4)
            .norm("n", 5, 1, 1, 1)
            .conv("b", 2, 1, 1, 0, 0, 0, 0, 0, 0, 0)
            .globalPool()
            .network();
    ChannelContext context = HandNetworks.context(network);
    MemberImportance first = Importances.fpgm().reduction(Reduction.FIRST);
    assertThat(plain(first, context)).containsExactly(26, 20, 20, 34);
    MemberImportance raw = Importances.rawFpgm().reduction(Reduction.FIRST);
    assertThat(plain(raw, context)).containsExactly(6, 4, 4, 6);
    // the norm is no member; columns (1, 0), (0, 0), (0, 0), (0, 0)
    assertThat(plain(Importances.rawFpgm(), context))
        .containsExactly((6 + 3) / 2d, (4 + 1) / 2d, (4 + 1) / 2d, (6 + 1) / 2d);
  }

  @Test
  void normScale_isTheMeanOfTheGroupsScales_asTheyAre() {
    NetworkValues network =
        new HandNetworks(manager, 1, 1, 1)
            .conv("a", 2, 1, 1, 2)
            .norm("n", -3, 1)
            .norm("m", 1, 0)
            .conv("b", 2, 1, 1, 0, 0, 0)
            .globalPool()
            .network();
    assertThat(first(Importances.normScale().score(HandNetworks.context(network))))
        .containsExactly(2, .5);
  }

  @Test
  void bias_countsOnlyWhereItIsAskedFor() {
    HandNetworks layers = new HandNetworks(manager, 1);
    int weight = layers.parameter("a.weight", Parameter.Type.WEIGHT, new Shape(2, 1), 1, 2);
    int bias = layers.parameter("a.bias", Parameter.Type.BIAS, new Shape(2), 5, 7);
    NetworkValues network =
        layers.layer("a", new Layers.Linear(), weight, bias).linear("b", 1, 0, 0).network();
    ChannelContext context = HandNetworks.context(network);
    MemberImportance sum = Importances.l1().reduction(Reduction.SUM);
    assertThat(plain(sum, context)).containsExactly(1, 2);
    assertThat(plain(sum.bias(), context)).containsExactly(6, 9);
    assertThat(sum.bias().describe())
        .isEqualTo("L1 magnitude with biases; reduction sum, normaliser mean");
    assertThatThrownBy(() -> Importances.activation().bias())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("biases have no activations: Importances.activation");
  }

  /** A unit's number depends on the seed and on what makes it, not on the rest of the network. */
  @Test
  void random_isThatOfTheUnitsName() {
    NetworkValues small = twoLayers();
    NetworkValues large =
        new HandNetworks(manager, 2)
            .linear("first", 2, 1, 0, 0, 1)
            .linear("a", 2, 1, -1, 2, 3)
            .linear("b", 1, 1, 2)
            .network();
    ChannelContext context = HandNetworks.context(small).seed(7);
    double[] scores = first(Importances.random().score(context));
    ChannelGroups groups = ChannelGroups.of(large.graph());
    List<ChannelUnit> same = groups.groups().get(1).units();
    assertThat(same.get(0).slices().get(0).parameter()).isEqualTo("a.weight");
    ChannelContext other = ChannelContext.of(large, groups).seed(7);
    for (int u = 0; u < 2; u++) {
      assertThat(Importances.random().score(other).score(same.get(u))).isEqualTo(scores[u]);
    }
    assertThat(scores[0]).isBetween(0d, 1d).isNotEqualTo(scores[1]);
    assertThat(first(Importances.random().score(context.seed(8)))).isNotEqualTo(scores);
  }

  @Test
  void exponent_thatIsNone_isRefused() {
    for (double p : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Importances.magnitude(p))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("exponent out of range: Importances.magnitude; expected");
    }
    assertThat(Importances.magnitude(0.5).describe())
        .isEqualTo("L0.5 magnitude; reduction mean, normaliser mean");
  }
}
