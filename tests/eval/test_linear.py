import numpy as np
import pytest

from eval.linear import linear_program


def test_a_solution_and_its_multipliers():
    found = linear_program([-1.0, -2.0], A_ub=[[1, 1], [0, 1]], b_ub=[4, 3])
    np.testing.assert_allclose(found.x, [1, 3])
    np.testing.assert_allclose(-found.ineqlin.marginals, [1, 1])


def test_no_solution_is_an_error():
    with pytest.raises(ValueError, match="the linear program has no solution"):
        linear_program([1.0], A_ub=[[1]], b_ub=[-1])
    with pytest.raises(ValueError, match="the linear program has no solution"):
        linear_program([-1.0])
