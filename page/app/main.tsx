document.body.textContent = 'The page is not built yet.';
