package org.vpns.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.MoreExecutors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** In the thread of who takes, so that nothing hangs on time. */
class OrderedWorkTest {
  private static List<List<Long>> groups(int count, int size) {
    List<List<Long>> groups = new ArrayList<>();
    for (long from = 0; from < (long) count * size; from += size) {
      groups.add(LongStream.range(from, from + size).boxed().toList());
    }
    return groups;
  }

  /** Made is what was taken and what is ahead of that, as far as there is so much. */
  @Property(tries = 50)
  void next_makesNoMoreThanAsked(
      @ForAll @IntRange(max = 6) int count,
      @ForAll @IntRange(min = 1, max = 4) int size,
      @ForAll @IntRange(max = 3) int ahead) {
    List<Long> made = new ArrayList<>();
    OrderedWork<String> work =
        new OrderedWork<>(
            MoreExecutors.newDirectExecutorService(),
            groups(count, size).iterator(),
            ahead,
            number -> {
              made.add(number);
              return "result " + number;
            });
    for (int taken = 1; taken <= count; taken++) {
      assertThat(work.hasNext()).isTrue();
      assertThat(work.next())
          .containsExactlyElementsOf(
              groups(count, size).get(taken - 1).stream().map(n -> "result " + n).toList());
      assertThat(made).hasSize(size * Math.min(count, taken + ahead));
    }
    assertThat(work.hasNext()).isFalse();
    assertThatThrownBy(work::next).isInstanceOf(NoSuchElementException.class);
  }

  /** Who goes on behind a failure would take results of later groups for those of this one. */
  @Test
  void failure_endsTheWork_andNothingIsLeftWaiting() {
    List<FutureTask<?>> given = new ArrayList<>();
    OrderedWork<Long> work =
        new OrderedWork<>(
            new Lazy(given),
            groups(3, 2).iterator(),
            1,
            number -> {
              if (number == 0) {
                throw new IOException("broken");
              }
              return number;
            });

    assertThatThrownBy(work::next)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("broken")
        .hasCauseExactlyInstanceOf(IOException.class);

    assertThat(given).hasSize(4).allMatch(Future::isDone);
    assertThat(given.subList(1, 4)).allMatch(Future::isCancelled);
    assertThat(work.hasNext()).isFalse();
    assertThatThrownBy(work::next).isInstanceOf(NoSuchElementException.class);
  }

  /** Runs a task when its result is asked for. */
  private static final class Lazy extends AbstractExecutorService {
    private final List<FutureTask<?>> given;

    Lazy(List<FutureTask<?>> given) {
      this.given = given;
    }

    @Override
    protected <T> FutureTask<T> newTaskFor(java.util.concurrent.Callable<T> callable) {
      return new FutureTask<>(callable) {
        @Override
        public T get() throws InterruptedException, java.util.concurrent.ExecutionException {
          run();
          return super.get();
        }
      };
    }

    @Override
    public void execute(Runnable command) {
      given.add((FutureTask<?>) command);
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }
}
