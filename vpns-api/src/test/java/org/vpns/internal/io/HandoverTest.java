package org.vpns.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class HandoverTest {
  private final AtomicInteger closed = new AtomicInteger();

  @Test
  void of_aMakingThatSucceeds_leavesTheResourceOpen() throws IOException {
    String made = Handover.of(closed::incrementAndGet, resource -> "made");
    assertThat(made).isEqualTo("made");
    assertThat(closed).hasValue(0);
  }

  @Test
  void of_aMakingThatFails_closesTheResourceWhateverItThrows() {
    for (Throwable failure :
        List.of(
            new IOException("io"),
            new IllegalArgumentException("argument"),
            new OutOfMemoryError("memory"),
            new StackOverflowError())) {
      closed.set(0);
      assertThatThrownBy(
              () ->
                  Handover.of(
                      closed::incrementAndGet,
                      resource -> {
                        throw HandoverTest.<RuntimeException>unchecked(failure);
                      }))
          .isSameAs(failure);
      assertThat(closed).hasValue(1);
    }
  }

  @Test
  void of_aResourceThatCannotBeClosedEither_tellsTheFirstFailure() {
    AutoCloseable stuck =
        () -> {
          throw new IOException("stuck");
        };
    assertThatThrownBy(
            () ->
                Handover.of(
                    stuck,
                    resource -> {
                      throw new IllegalStateException("first");
                    }))
        .hasMessage("first");
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E unchecked(Throwable failure) throws E {
    throw (E) failure;
  }
}
