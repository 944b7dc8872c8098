package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.vpns.ImageInput;

class MovingRegionTest {
  private static final ImageInput INPUT = ImageInput.of(1, 6, 5);
  private static final Shape FOUR = new Shape(4, 1, 6, 5);

  @Test
  void places_ofManyDraws_areAllThatFit() {
    Set<Integer> expected = new HashSet<>();
    for (int row = 0; row <= 3; row++) {
      for (int column = 0; column <= 2; column++) {
        expected.add(row * 5 + column);
      }
    }
    // 12 places, 400 draws: one is missed with probability 12 * (11/12)^400 < 1e-14
    assertThat(corners(Prompts.random(3), 400)).isEqualTo(expected);
    assertThat(corners(Prompts.random(3).patch(), 400)).isEqualTo(expected);
  }

  @Test
  void excludeLast_neverDrawsTheLastRowAndColumn() {
    Set<Integer> expected = new HashSet<>();
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 2; column++) {
        expected.add(row * 5 + column);
      }
    }
    assertThat(corners(Prompts.random(3).excludeLast(), 400)).isEqualTo(expected);
  }

  @Test
  void squareOfCanvasSide_hasOneRowOfPlaces() {
    assertThat(corners(Prompts.random(5), 60)).containsExactlyInAnyOrder(0, 5);
  }

  @Test
  void perBatch_allImagesShareThePlace_perImage_theyDiffer() {
    Random random = new Random(3);
    try (PromptRunner batch = new PromptRunner(Prompts.random(2), INPUT);
        PromptRunner image = new PromptRunner(Prompts.random(2).perImage(), INPUT)) {
      batch.fill(1);
      image.fill(1);
      boolean differed = false;
      for (int i = 0; i < 20; i++) {
        batch.prompt.draw(random, 4);
        image.prompt.draw(random, 4);
        assertThat(new HashSet<>(places(batch.forward(new float[120], FOUR, true)))).hasSize(1);
        List<Integer> each = places(image.forward(new float[120], FOUR, true));
        assertThat(each).hasSize(4);
        differed |= new HashSet<>(each).size() > 1;
      }
      assertThat(differed).isTrue();
    }
  }

  @Test
  void places_lastUntilTheNextDraw_andFollowTheStream() {
    try (PromptRunner one = new PromptRunner(Prompts.random(2).perImage(), INPUT);
        PromptRunner two = new PromptRunner(Prompts.random(2).perImage(), INPUT)) {
      one.fill(1).prompt.draw(new Random(9), 4);
      two.fill(1).prompt.draw(new Random(9), 4);
      float[] first = one.forward(new float[120], FOUR, true);
      assertThat(one.forward(new float[120], FOUR, true)).containsExactly(first);
      assertThat(two.forward(new float[120], FOUR, true)).containsExactly(first);
    }
  }

  @Test
  void withoutDraw_eachTrainingBatchMovesByItself() {
    try (PromptRunner runner = new PromptRunner(Prompts.random(2), INPUT)) {
      runner.fill(1);
      Set<Integer> seen = new HashSet<>();
      for (int i = 0; i < 30; i++) {
        seen.addAll(places(runner.forward(new float[30], new Shape(1, 1, 6, 5), true)));
      }
      assertThat(seen.size()).isGreaterThan(5);
    }
  }

  @Test
  void window_selectsAmongCanvasValues_andPatchMovesItsOwn() {
    try (PromptRunner window = new PromptRunner(Prompts.random(2), ImageInput.of(1, 3, 3));
        PromptRunner patch = new PromptRunner(Prompts.random(2).patch(), ImageInput.of(1, 3, 3))) {
      window.set(0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f);
      patch.set(0.1f, 0.2f, 0.3f, 0.4f);
      window.prompt.draw(PromptRunner.place(1, 0), 1);
      patch.prompt.draw(PromptRunner.place(1, 0), 1);
      float[] upstream = {1, 2, 3, 4, 5, 6, 7, 8, 9};
      PromptRunner.Pass seen = window.pass(new float[9], new Shape(1, 1, 3, 3), upstream);
      assertThat(seen.out()).containsExactly(0, 0, 0, 0.4f, 0.5f, 0, 0.7f, 0.8f, 0);
      assertThat(seen.grad()).containsExactly(0, 0, 0, 4, 5, 0, 7, 8, 0);
      PromptRunner.Pass moved = patch.pass(new float[9], new Shape(1, 1, 3, 3), upstream);
      assertThat(moved.out()).containsExactly(0, 0, 0, 0.1f, 0.2f, 0, 0.3f, 0.4f, 0);
      assertThat(moved.grad()).containsExactly(4, 5, 7, 8);
    }
  }

  @Test
  void perImage_otherBatchThanDrawn_isRefused() {
    try (PromptRunner runner = new PromptRunner(Prompts.random(2).perImage(), INPUT)) {
      runner.prompt.draw(new Random(1), 3);
      assertThatIllegalStateException()
          .isThrownBy(() -> runner.forward(new float[120], FOUR, true))
          .withMessageContaining("expected 3 images, found 4");
    }
  }

  private static Set<Integer> corners(PromptSpec spec, int draws) {
    Random random = new Random(2);
    Set<Integer> seen = new HashSet<>();
    try (PromptRunner runner = new PromptRunner(spec, INPUT)) {
      runner.fill(1);
      for (int i = 0; i < draws; i++) {
        runner.prompt.draw(random, 1);
        seen.addAll(places(runner.forward(new float[30], new Shape(1, 1, 6, 5), true)));
      }
    }
    return seen;
  }

  /** Position of the first bright pixel of each image: the corner of its square. */
  private static List<Integer> places(float[] canvases) {
    List<Integer> result = new ArrayList<>();
    for (int image = 0; image < canvases.length / 30; image++) {
      int position = 0;
      while (canvases[image * 30 + position] == 0) {
        position++;
      }
      result.add(position);
    }
    return result;
  }
}
