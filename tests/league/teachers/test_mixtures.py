"""The compiled fit beside scikit-learn's."""

import warnings

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from league.teachers.mixtures import best_fit, fit, fit_as_sklearn, fit_from, penalty


def rows(n=250, size=3, seed=0):
    rng = np.random.default_rng(seed)
    means = rng.random((3, size))
    return means[rng.integers(3, size=n)] + rng.normal(size=(n, size)) * 0.07


@pytest.mark.parametrize(("k", "size"), [(1, 1), (2, 3), (4, 3), (3, 12)])
def test_from_the_same_start_it_goes_where_scikit_learn_goes(k, size):
    x = rows(size=size)
    labels = np.random.default_rng(1).integers(k, size=len(x))
    start = np.eye(k)[labels]

    class Started(GaussianMixture):
        def _initialize_parameters(self, X, random_state, xp=None):
            self._initialize(X, start.copy())

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = Started(k, random_state=0).fit(x)
    ours = fit_from(np.ascontiguousarray(x.T), np.ascontiguousarray(start.T), 1e-6)
    assert ours is not None
    order = np.argsort(ours.gaussians.means[:, 0])
    expected = np.argsort(theirs.means_[:, 0])
    np.testing.assert_allclose(ours.gaussians.means[order], theirs.means_[expected], atol=1e-6)
    np.testing.assert_allclose(ours.gaussians.covariances[order], theirs.covariances_[expected], atol=1e-6)
    np.testing.assert_allclose(ours.gaussians.weights[order], theirs.weights_[expected], atol=1e-6)
    assert ours.log_likelihood == pytest.approx(theirs.score(x) * len(x), rel=1e-6)


def test_from_its_own_start_it_ends_mostly_where_theirs_does():
    gaps = []
    for seed in range(20):
        x = rows(seed=seed)
        ours, theirs = (f(x, 3, np.random.default_rng(seed)).log_likelihood for f in (fit, fit_as_sklearn))
        gaps.append((ours - theirs) / len(x))
    assert np.mean(np.abs(gaps) < 0.02) >= 0.8


def test_the_likelihood_is_that_of_the_density():
    x = rows()
    found = fit(x, 4, np.random.default_rng(0))
    g = found.gaussians
    density = sum(
        w * multivariate_normal(m, c).pdf(x) for w, m, c in zip(g.weights, g.means, g.covariances, strict=True)
    )
    assert found.log_likelihood == pytest.approx(np.log(density).sum(), rel=1e-9)
    assert g.weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("k", range(2, 11))
def test_every_cluster_has_a_row_to_begin_with(k):
    x = np.repeat(rows(5, 2), 10, axis=0)  # five points, and up to ten clusters
    found = fit(x, k, np.random.default_rng(k), 1e-4)
    assert found is not None
    assert np.isfinite(found.gaussians.means).all()
    assert np.isfinite(found.log_likelihood)


class TestCriterion:
    def test_scikit_learn_agrees(self):
        x = rows()
        for k in (2, 5):
            theirs = GaussianMixture(k, random_state=0).fit(x)
            likelihood = theirs.score(x) * len(x)
            assert penalty("aic", len(x), k, 3) - 2 * likelihood == pytest.approx(theirs.aic(x))
            assert penalty("bic", len(x), k, 3) - 2 * likelihood == pytest.approx(theirs.bic(x))

    def test_corrected_for_few_rows(self):
        p = 2 * (6 + 3 + 1) - 1
        assert penalty("aicc", 100, 2, 3) == 2 * p + 2 * p * (p + 1) / (100 - p - 1)
        assert penalty("aicc", 20, 2, 3) == np.inf
        assert penalty("aicc", p + 1, 2, 3) == np.inf
        assert penalty("aicc", 10, 2, 3) == np.inf

    def test_corrected_as_published_counts_fewer_dimensions(self):
        p, q = 2 * (6 + 3 + 1) - 1, 2 * (3 + 2 + 1) - 1
        assert penalty("aicc", 100, 2, 3, counted=2) == 2 * p + 2 * q * (q + 1) / (100 - q - 1)
        assert penalty("aicc", q - 1, 2, 3, counted=2) < 2 * p  # and where rows are few it rewards parameters

    def test_the_lowest_is_chosen(self):
        chosen = best_fit(rows(600), range(1, 8), "bic", np.random.default_rng(0))
        assert len(chosen.weights) == 3


@pytest.mark.parametrize("fitter", [fit, fit_as_sklearn])
def test_equal_rows_need_more_on_the_variances_and_do_not_fail(fitter):
    x = np.full((250, 3), 0.3)
    x[:, 2] = 0.0
    found = best_fit(x, range(2, 11), "aic", np.random.default_rng(0), fitter=fitter)
    assert found is not None
    np.testing.assert_allclose(found.means[np.argmax(found.weights)], [0.3, 0.3, 0.0], atol=1e-12)


def test_what_cannot_be_fitted_is_none():
    x = np.full((20, 2), np.nan)
    assert best_fit(x, range(2, 4), "aic", np.random.default_rng(0)) is None
    assert best_fit(x, range(2, 4), "aic", np.random.default_rng(0), fitter=fit_as_sklearn) is None
