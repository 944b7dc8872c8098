package org.vpns.study.spark;

import java.io.IOException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.vpns.train.RunListener;

/**
 * What Spark sends to an executor: makes a run, by its index. What no JVM goes on after is left to
 * Spark.
 */
final class RunTask implements Function<Integer, byte[]> {
  private static final long serialVersionUID = 1;

  private final Asked asked;

  RunTask(Asked asked) {
    this.asked = asked;
  }

  @Override
  public byte[] call(Integer index) throws IOException {
    TaskContext task = TaskContext.get();
    RunListener listener =
        new RunListener() {
          @Override
          public void stepFinished(Step step) {
            if (task.isInterrupted()) {
              throw new ExecutorStudy.Cancelled();
            }
          }
        };
    return ExecutorStudy.make(asked, index, listener).toBytes();
  }
}
