package org.vpns.structured.score;

import org.junit.jupiter.api.Nested;
import org.vpns.testing.structured.ChannelImportanceContract;

/** Each importance of the library keeps what all promise. */
class ImportanceContractTest {
  @Nested
  class L1 extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.l1();
    }
  }

  @Nested
  class L2WithOptions extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.l2().bias().reduction(Reduction.PROD).normaliser(Normaliser.LAMP);
    }
  }

  @Nested
  class NormScale extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.normScale();
    }
  }

  @Nested
  class Taylor extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.taylor();
    }
  }

  @Nested
  class MultivariableTaylor extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.multivariableTaylor().normaliser(Normaliser.GAUSSIAN);
    }
  }

  @Nested
  class Fisher extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.fisher();
    }
  }

  @Nested
  class Fpgm extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.fpgm();
    }
  }

  @Nested
  class RawFpgm extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.rawFpgm().normaliser(Normaliser.sentinel(0.5));
    }
  }

  @Nested
  class Activation extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.activation();
    }
  }

  @Nested
  class Random extends ChannelImportanceContract {
    @Override
    protected ChannelImportance importance() {
      return Importances.random();
    }
  }
}
